#include "config.h"

#include "core/directory/layout_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "json/jin.h"
#include "json/jout.h"

#define STEP 20        /* between seats of a row, and between rows */
#define SECTION_GAP 40 /* further, between sections */
#define COORDINATE_MAX 1000000
#define SECTIONS_MAX 1000
#define LABEL_MAX 32
#define NAME_MAX_LENGTH 64
#define GRADE_MAX 16
#define VIOLATIONS_MAX 20 /* as many as are kept: nobody reads the rest */

/* Where in the document, for the path of a violation; it is made for offenders only. */
struct place {
	size_t section, row, seat;
	enum { IN_SECTION, IN_ROW, IN_SEAT } depth;
};

struct building {
	struct arena *arena;
	struct failure *failure;
	size_t violations;
	struct buf json;
	struct jout out;
	const char **labels;
	const char **grades;
	size_t seats;
	size_t section_first; /* first seat of the section in hand */
	const char *grades_seen[LAYOUT_GRADES_MAX];
	size_t grades_count;
	int64_t y; /* of the row in hand */
};

static const char *
path_of(struct building *b, const struct place *place, const char *name)
{
	const char *dot = name[0] == '\0' ? "" : ".";

	if (place->depth == IN_SECTION)
		return arena_printf(b->arena, "sections[%zu]%s%s", place->section, dot, name);
	if (place->depth == IN_ROW)
		return arena_printf(b->arena, "sections[%zu].rows[%zu]%s%s", place->section,
				    place->row, dot, name);
	return arena_printf(b->arena, "sections[%zu].rows[%zu].seats[%zu]%s%s", place->section,
			    place->row, place->seat, dot, name);
}

static void
refuse(struct building *b, const struct place *place, const char *name, const char *message)
{
	b->violations++;
	(void)fail_field(b->failure, path_of(b, place, name), "%s", message);
}

/* For what is wrong with the whole. */
static void
refuse_all(struct building *b, const char *message)
{
	b->violations = VIOLATIONS_MAX;
	(void)fail_field(b->failure, "sections", "%s", message);
}

static bool
is_enough(const struct building *b)
{
	return b->violations >= VIOLATIONS_MAX;
}

/* --- members --- */

/* An object without other members than `names`? */
static bool
check_object(struct building *b, const struct place *place, const struct jval *value,
	     const char *const *names)
{
	const struct jval *member;
	size_t cursor = 0;
	const char *key;
	bool is_good = true;

	if (!jin_is_object(value)) {
		refuse(b, place, "", "must be an object");
		return false;
	}
	while (is_good && jin_object_next(value, &cursor, &key, &member)) {
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], key) != 0)
			i++;
		is_good = names[i] != NULL;
		if (!is_good)
			refuse(b, place, strlen(key) <= NAME_MAX_LENGTH ? key : "",
			       "is not a field of this request");
	}
	return is_good;
}

/* NULL when it does not fit; when it is absent and not required, without a violation. */
static const char *
text_member(struct building *b, const struct place *place, const struct jval *object,
	    const char *name, size_t max, bool is_required)
{
	const struct jval *value = jin_get(object, name);
	size_t length;

	if (value == NULL) {
		if (is_required)
			refuse(b, place, name, "is required");
		return NULL;
	}
	if (!jin_is_text(value)) {
		refuse(b, place, name, "must be a string");
		return NULL;
	}
	length = text_utf8_length(jin_text(value), jin_text_length(value));
	if (length >= 1 && length <= max)
		return jin_text(value);
	refuse(b, place, name, arena_printf(b->arena, "must have 1 to %zu characters", max));
	return NULL;
}

/* `otherwise` when it is absent. */
static int64_t
number_member(struct building *b, const struct place *place, const struct jval *object,
	      const char *name, int64_t min, int64_t max, int64_t otherwise)
{
	const struct jval *value = jin_get(object, name);

	if (value == NULL)
		return otherwise;
	if (jin_is_i64(value) && jin_i64(value) >= min && jin_i64(value) <= max)
		return jin_i64(value);
	refuse(b, place, name,
	       arena_printf(b->arena, "must be an integer between %lld and %lld", (long long)min,
			    (long long)max));
	return otherwise;
}

/* An array that is not empty; else NULL. */
static const struct jval *
array_member(struct building *b, const struct place *place, const struct jval *object,
	     const char *name)
{
	const struct jval *value = jin_get(object, name);

	if (value != NULL && jin_is_array(value) && jin_array_length(value) > 0)
		return value;
	refuse(b, place, name, "must be an array that is not empty");
	return NULL;
}

/* --- seats --- */

static bool
note_grade(struct building *b, const char *grade)
{
	for (size_t i = b->grades_count; i > 0; i--)
		if (strcmp(b->grades_seen[i - 1], grade) == 0)
			return true;
	if (b->grades_count == LAYOUT_GRADES_MAX)
		return false;
	b->grades_seen[b->grades_count++] = grade;
	return true;
}

static void
put_seat(struct building *b, const char *label, const char *grade, int64_t x, int64_t y)
{
	if (b->seats == LAYOUT_SEATS_MAX) {
		refuse_all(b, "must not have more than 100000 seats");
		return;
	}
	if (!note_grade(b, grade)) {
		refuse_all(b, "must not have more than 100 grades");
		return;
	}
	jout_object(&b->out);
	jout_key_i64(&b->out, "no", (int64_t)b->seats);
	jout_key_text(&b->out, "label", label);
	jout_key_text(&b->out, "grade", grade);
	jout_key_i64(&b->out, "x", x);
	jout_key_i64(&b->out, "y", y);
	jout_end(&b->out);
	b->labels[b->seats] = label;
	b->grades[b->seats] = grade;
	b->seats++;
}

/* Where seat `index` of a row of `count` stands. */
static int64_t
centred_x(size_t index, size_t count)
{
	return (2 * (int64_t)index - ((int64_t)count - 1)) * (STEP / 2);
}

static void
begin_row(struct building *b, const char *name)
{
	jout_object(&b->out);
	jout_key_text(&b->out, "name", name);
	jout_key(&b->out, "seats");
	jout_array(&b->out);
}

static void
end_row(struct building *b)
{
	jout_end(&b->out);
	jout_end(&b->out);
	b->y += STEP;
}

static void
read_seat(struct building *b, const struct place *place, const struct jval *seat, size_t count,
	  const char *grade)
{
	static const char *const names[] = {"label", "x", "y", "grade", NULL};
	const char *label, *own_grade;
	int64_t x, y;

	if (!check_object(b, place, seat, names))
		return;
	label = text_member(b, place, seat, "label", LABEL_MAX, true);
	own_grade = text_member(b, place, seat, "grade", GRADE_MAX, false);
	x = number_member(b, place, seat, "x", -COORDINATE_MAX, COORDINATE_MAX,
			  centred_x(place->seat, count));
	y = number_member(b, place, seat, "y", -COORDINATE_MAX, COORDINATE_MAX, b->y);
	if (own_grade == NULL)
		own_grade = grade;
	if (label != NULL && own_grade != NULL)
		put_seat(b, label, own_grade, x, y);
}

static void
read_row(struct building *b, struct place *place, const struct jval *row, const char *grade)
{
	static const char *const names[] = {"name", "seats", NULL};
	const struct jval *seats;
	const char *name;

	if (!check_object(b, place, row, names))
		return;
	name = text_member(b, place, row, "name", NAME_MAX_LENGTH, true);
	seats = array_member(b, place, row, "seats");
	if (name == NULL || seats == NULL)
		return;
	begin_row(b, name);
	place->depth = IN_SEAT;
	for (place->seat = 0; place->seat < jin_array_length(seats) && !is_enough(b); place->seat++)
		read_seat(b, place, jin_array_at(seats, place->seat), jin_array_length(seats),
			  grade);
	place->depth = IN_ROW;
	end_row(b);
}

/* --- rows of a section --- */

static void
read_rows(struct building *b, struct place *place, const struct jval *section, const char *grade)
{
	const struct jval *rows = array_member(b, place, section, "rows");

	if (rows == NULL)
		return;
	place->depth = IN_ROW;
	for (place->row = 0; place->row < jin_array_length(rows) && !is_enough(b); place->row++)
		read_row(b, place, jin_array_at(rows, place->row), grade);
	place->depth = IN_SECTION;
}

void
layout_row_name(size_t index, char name_r[LAYOUT_ROW_NAME_SIZE])
{
	char letters[LAYOUT_ROW_NAME_SIZE];
	size_t count = 0;

	/* Counting without a zero: each place takes one off before it is divided. */
	for (size_t rest = index + 1; rest > 0; rest /= 26) {
		rest--;
		letters[count++] = (char)('A' + rest % 26);
	}
	for (size_t i = 0; i < count; i++)
		name_r[i] = letters[count - 1 - i];
	name_r[count] = '\0';
}

/* The short form: so many rows of so many seats, named and labelled here. */
static void
make_rows(struct building *b, const struct place *place, const struct jval *section,
	  const char *grade)
{
	char name[LAYOUT_ROW_NAME_SIZE];
	int64_t rows, seats;

	if (jin_get(section, "seats_per_row") == NULL) {
		refuse(b, place, "seats_per_row", "is required where rows is a number");
		return;
	}
	rows = number_member(b, place, section, "rows", 1, LAYOUT_SEATS_MAX, 0);
	seats = number_member(b, place, section, "seats_per_row", 1, LAYOUT_SEATS_MAX, 0);
	if (rows == 0 || seats == 0 || grade == NULL)
		return;
	if (rows * seats > LAYOUT_SEATS_MAX - (int64_t)b->seats) {
		refuse_all(b, "must not have more than 100000 seats");
		return;
	}
	for (int64_t row = 0; row < rows; row++) {
		layout_row_name((size_t)row, name);
		begin_row(b, name);
		for (int64_t seat = 0; seat < seats; seat++)
			put_seat(b, arena_printf(b->arena, "%s-%lld", name, (long long)seat + 1),
				 grade, centred_x((size_t)seat, (size_t)seats), b->y);
		end_row(b);
	}
}

/* --- labels --- */

struct labelled {
	const char *label;
	size_t seat_no;
};

static int
compare_labels(const void *a, const void *b)
{
	const struct labelled *left = a, *right = b;
	int order = strcmp(left->label, right->label);

	if (order != 0)
		return order;
	return left->seat_no < right->seat_no ? -1 : 1;
}

/* Two seats of a section with one label: the later one is reported, by its place in the document. */
static void
refuse_double(struct building *b, size_t section, const struct jval *rows, size_t nth)
{
	struct place place = {.section = section, .depth = IN_SEAT};

	for (place.row = 0; place.row < jin_array_length(rows); place.row++) {
		const size_t count =
			jin_array_length(jin_get(jin_array_at(rows, place.row), "seats"));

		if (nth < count) {
			place.seat = nth;
			refuse(b, &place, "label", "is used twice in this section");
			return;
		}
		nth -= count;
	}
}

/* Only where every seat was good, so that the n-th seat of the document is the n-th numbered. */
static void
check_labels(struct building *b, size_t section, const struct jval *rows)
{
	const size_t count = b->seats - b->section_first;
	struct labelled *list;

	if (b->violations > 0 || count == 0)
		return;
	list = arena_calloc(b->arena, count, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = (struct labelled){b->labels[b->section_first + i], i};
	qsort(list, count, sizeof(*list), compare_labels);
	for (size_t i = 1; i < count && !is_enough(b); i++)
		if (strcmp(list[i].label, list[i - 1].label) == 0)
			refuse_double(b, section, rows, list[i].seat_no);
}

/* --- the whole --- */

static void
read_section(struct building *b, size_t index, const struct jval *section)
{
	static const char *const long_names[] = {"name", "grade", "rows", NULL};
	static const char *const short_names[] = {"name", "grade", "rows", "seats_per_row", NULL};
	struct place place = {.section = index, .depth = IN_SECTION};
	const struct jval *rows;
	const char *name, *grade;
	bool is_short;

	if (!jin_is_object(section)) {
		refuse(b, &place, "", "must be an object");
		return;
	}
	rows = jin_get(section, "rows");
	is_short = rows != NULL && !jin_is_array(rows);
	if (!check_object(b, &place, section, is_short ? short_names : long_names))
		return;
	name = text_member(b, &place, section, "name", NAME_MAX_LENGTH, true);
	grade = text_member(b, &place, section, "grade", GRADE_MAX, true);
	jout_object(&b->out);
	jout_key_text(&b->out, "name", name);
	jout_key(&b->out, "rows");
	jout_array(&b->out);
	b->section_first = b->seats;
	if (is_short)
		make_rows(b, &place, section, grade);
	else
		read_rows(b, &place, section, grade);
	jout_end(&b->out);
	jout_end(&b->out);
	b->y += SECTION_GAP;
	if (!is_short && !is_enough(b))
		check_labels(b, index, rows);
}

enum err
layout_build(struct arena *arena, const struct jval *sections, struct failure *failure,
	     struct layout_built *built_r)
{
	struct building *b = arena_alloc(arena, sizeof(*b));

	if (!jin_is_array(sections) || jin_array_length(sections) == 0 ||
	    jin_array_length(sections) > SECTIONS_MAX)
		return fail_field(failure, "sections", "must be an array of 1 to %d sections",
				  SECTIONS_MAX);
	b->arena = arena;
	b->failure = failure;
	b->labels = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->labels));
	b->grades = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->grades));
	buf_init(&b->json, arena);
	jout_init(&b->out, &b->json);
	jout_array(&b->out);
	for (size_t i = 0; i < jin_array_length(sections) && !is_enough(b); i++)
		read_section(b, i, jin_array_at(sections, i));
	jout_end(&b->out);
	if (b->violations > 0)
		return ERR_INVALID;
	*built_r = (struct layout_built){
		.sections = buf_text(&b->json),
		.labels = b->labels,
		.grades = b->grades,
		.seats = b->seats,
	};
	return ERR_OK;
}
