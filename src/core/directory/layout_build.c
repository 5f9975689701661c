#include "config.h"

#include "core/directory/layout_build.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/directory/layout_check.h"
#include "core/plan.h"
#include "json/jin.h"
#include "json/jout.h"

#define STEP 20        /* between seats of a row and between rows */
#define SECTION_GAP 40 /* additional, between sections */
#define COORDINATE_MAX 1000000
#define COORDINATE_SAYS "must be an integer between -1000000 and 1000000"
#define COUNT_SAYS "must be an integer between 1 and 100000"
#define ROWS_SAYS "must be an array that is not empty"
#define SECTIONS_MAX 1000
#define LABEL_MAX 32
#define NAME_MAX_LENGTH 64
#define GRADE_MAX 16
#define VIOLATIONS_MAX 20 /* further violations are not kept: nobody reads them */

/* --- what a client sends --- */

static const struct jin_field seat_fields[] = {
	{.name = "label",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct layout_seat, label),
	 .is_required = true,
	 .min = 1,
	 .max = LABEL_MAX,
	 .doc = "Label of the seat, unique within its row."},
	{.name = "x",
	 .type = JIN_I64,
	 .offset = offsetof(struct layout_seat, x),
	 .is_nullable = true,
	 .min = -COORDINATE_MAX,
	 .max = COORDINATE_MAX,
	 .otherwise = LAYOUT_NO_COORDINATE,
	 .says = COORDINATE_SAYS,
	 .doc = "Position to the right. The row is centred unless given."},
	{.name = "y",
	 .type = JIN_I64,
	 .offset = offsetof(struct layout_seat, y),
	 .is_nullable = true,
	 .min = -COORDINATE_MAX,
	 .max = COORDINATE_MAX,
	 .otherwise = LAYOUT_NO_COORDINATE,
	 .says = COORDINATE_SAYS,
	 .doc = "Position away from the stage. Behind the previous row unless given."},
	{.name = "grade",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct layout_seat, grade),
	 .is_nullable = true,
	 .min = 1,
	 .max = GRADE_MAX,
	 .doc = "Grade of the seat. The grade of its section unless given."},
	{.name = NULL},
};

static const struct jin_shape seat_shape = {
	.name = "SeatRequest", .fields = seat_fields, .size = sizeof(struct layout_seat)};

static const struct jin_field row_fields[] = {
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct layout_row, name),
	 .is_required = true,
	 .min = 1,
	 .max = NAME_MAX_LENGTH,
	 .doc = "Name written on the row. Rows of one name in a section share no label."},
	{.name = "seats",
	 .type = JIN_OBJECTS,
	 .offset = offsetof(struct layout_row, seats),
	 .is_required = true,
	 .count_max = LAYOUT_SEATS_MAX,
	 .shape = &seat_shape,
	 .says = ROWS_SAYS,
	 .doc = "Seats of the row, from left to right."},
	{.name = NULL},
};

static const struct jin_shape row_shape = {
	.name = "RowRequest", .fields = row_fields, .size = sizeof(struct layout_row)};

static const struct jin_field section_fields[] = {
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct layout_section, name),
	 .is_required = true,
	 .min = 1,
	 .max = NAME_MAX_LENGTH,
	 .doc = "Name shown to the public, unique within the layout."},
	{.name = "grade",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct layout_section, grade),
	 .is_required = true,
	 .min = 1,
	 .max = GRADE_MAX,
	 .doc = "Grade of the seats that have no grade of their own."},
	{.name = "rows",
	 .type = JIN_OBJECTS,
	 .offset = offsetof(struct layout_section, rows),
	 .is_required = true,
	 .count_max = LAYOUT_SEATS_MAX,
	 .shape = &row_shape,
	 .says = ROWS_SAYS,
	 .doc = "Rows, starting at the stage. A number instead of an array makes that many rows "
		"named A, B, C and so on."},
	{.name = "rows",
	 .type = JIN_I64,
	 .offset = offsetof(struct layout_section, row_count),
	 .is_other_form = true,
	 .min = 1,
	 .max = LAYOUT_SEATS_MAX,
	 .says = COUNT_SAYS},
	{.name = "seats_per_row",
	 .type = JIN_I64,
	 .offset = offsetof(struct layout_section, seats_per_row),
	 .is_nullable = true,
	 .min = 1,
	 .max = LAYOUT_SEATS_MAX,
	 .says = COUNT_SAYS,
	 .doc = "Seats in each row. Give it only when rows is a number."},
	{.name = NULL},
};

static const struct jin_shape section_shape = {
	.name = "SectionRequest", .fields = section_fields, .size = sizeof(struct layout_section)};

static const struct jin_field layout_fields[] = {
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct layout_new, hall_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "Hall of the seats."},
	{.name = "sections",
	 .type = JIN_OBJECTS,
	 .offset = offsetof(struct layout_new, sections),
	 .is_required = true,
	 .count_max = SECTIONS_MAX,
	 .shape = &section_shape,
	 .says = "must be an array of 1 to 1000 sections",
	 .doc = "Sections in the order in which their seats are numbered. At most 100000 seats in "
		"all."},
	{.name = NULL},
};

const struct jin_shape layout_shape = {
	.name = "LayoutRequest", .fields = layout_fields, .size = sizeof(struct layout_new)};

/* --- building --- */

struct building {
	struct arena *arena;
	struct failure *failure;
	size_t violations;
	struct buf json;
	struct jout out;
	struct plan_maker *plan;
	const char **labels;
	const char **grades;
	const char **section_names;
	const char **row_names;
	const char *section_name; /* of the current section */
	struct layout_place *places;
	size_t seats;
	struct layout_place here; /* the row being built */
	const char *grades_seen[LAYOUT_GRADES_MAX];
	size_t grades_count;
	int64_t y; /* of the current row */
};

static void
refuse(struct building *b, const char *path, const char *message)
{
	b->violations++;
	(void)fail_field(b->failure, path, "%s", message);
}

/* For violations of the layout as a whole. */
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
put_seat(struct building *b, size_t index, const char *label, const char *grade, int64_t x,
	 int64_t y)
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
	plan_add_seat(b->plan, x, y, grade);
	b->labels[b->seats] = label;
	b->grades[b->seats] = grade;
	b->section_names[b->seats] = b->section_name;
	b->row_names[b->seats] = b->here.row_name;
	b->places[b->seats] = b->here;
	b->places[b->seats].label = label;
	b->places[b->seats].seat = index;
	b->places[b->seats].x = x;
	b->places[b->seats].y = y;
	b->seats++;
}

/* The x coordinate of seat `index` in a row of `count`. */
static int64_t
centred_x(size_t index, size_t count)
{
	return (2 * (int64_t)index - ((int64_t)count - 1)) * (STEP / 2);
}

static void
begin_row(struct building *b, size_t index, const char *name)
{
	plan_add_row(b->plan);
	b->here.row = index;
	b->here.row_name = name;
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
add_seat(struct building *b, size_t index, const struct layout_seat *seat, const char *grade,
	 int64_t centred)
{
	put_seat(b, index, seat->label, seat->grade != NULL ? seat->grade : grade,
		 seat->x != LAYOUT_NO_COORDINATE ? seat->x : centred,
		 seat->y != LAYOUT_NO_COORDINATE ? seat->y : b->y);
}

static void
add_rows(struct building *b, const struct layout_section *section)
{
	const struct layout_row *rows = section->rows.items;

	for (size_t i = 0; i < section->rows.count && !is_enough(b); i++) {
		const struct layout_seat *seats = rows[i].seats.items;
		const size_t count = rows[i].seats.count;

		begin_row(b, i, rows[i].name);
		for (size_t j = 0; j < count && !is_enough(b); j++)
			add_seat(b, j, &seats[j], section->grade, centred_x(j, count));
		end_row(b);
	}
}

void
layout_build_row_name(size_t index, char name_r[LAYOUT_ROW_NAME_SIZE])
{
	char letters[LAYOUT_ROW_NAME_SIZE];
	size_t count = 0;

	/* The letters have no zero, so each digit takes one off before the division. */
	for (size_t rest = index + 1; rest > 0; rest /= 26) {
		rest--;
		letters[count++] = (char)('A' + rest % 26);
	}
	for (size_t i = 0; i < count; i++)
		name_r[i] = letters[count - 1 - i];
	name_r[count] = '\0';
}

/* The short form: a number of rows with a number of seats each. Names and labels are made here. */
static void
make_rows(struct building *b, const struct layout_section *section)
{
	const int64_t seats = section->seats_per_row;
	char name[LAYOUT_ROW_NAME_SIZE];

	if (section->row_count * seats > LAYOUT_SEATS_MAX - (int64_t)b->seats) {
		refuse_all(b, "must not have more than 100000 seats");
		return;
	}
	for (int64_t row = 0; row < section->row_count; row++) {
		layout_build_row_name((size_t)row, name);
		begin_row(b, (size_t)row, arena_strdup(b->arena, name));
		for (int64_t seat = 0; seat < seats; seat++)
			put_seat(b, (size_t)seat,
				 arena_printf(b->arena, "%s-%lld", name, (long long)seat + 1),
				 section->grade, centred_x((size_t)seat, (size_t)seats), b->y);
		end_row(b);
	}
}

/* --- the whole --- */

/* The short form requires seats_per_row, and the other form forbids it. */
static bool
check_form(struct building *b, size_t index, const struct layout_section *section)
{
	const bool is_short = section->row_count > 0;

	if (is_short == (section->seats_per_row > 0))
		return true;
	refuse(b, arena_printf(b->arena, "sections[%zu].seats_per_row", index),
	       is_short ? "is required where rows is a number" : "is not a field of this request");
	return false;
}

static void
add_section(struct building *b, size_t index, const struct layout_section *section)
{
	if (!check_form(b, index, section))
		return;
	jout_object(&b->out);
	jout_key_text(&b->out, "name", section->name);
	jout_key(&b->out, "rows");
	jout_array(&b->out);
	plan_add_section(b->plan);
	b->here.section = index;
	b->section_name = section->name;
	if (section->row_count > 0)
		make_rows(b, section);
	else
		add_rows(b, section);
	jout_end(&b->out);
	jout_end(&b->out);
	b->y += SECTION_GAP;
}

static void
check_places(struct building *b, const struct layout_section *list, size_t count)
{
	const char **names = arena_calloc(b->arena, count, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = list[i].name;
	b->violations += layout_check(&(struct layout_check){
		.arena = b->arena,
		.failure = b->failure,
		.limit = VIOLATIONS_MAX - b->violations,
		.sections = names,
		.section_count = count,
		.places = b->places,
		.count = b->seats,
	});
}

enum err
layout_build(struct arena *arena, const struct jin_objects *sections, struct failure *failure,
	     struct layout_built *built_r)
{
	struct building *b = arena_alloc(arena, sizeof(*b));
	const struct layout_section *list = sections->items;
	struct buf plan;

	b->arena = arena;
	b->failure = failure;
	b->labels = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->labels));
	b->grades = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->grades));
	b->plan = plan_maker_new(arena, LAYOUT_SEATS_MAX);
	b->section_names = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->section_names));
	b->row_names = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->row_names));
	b->places = arena_calloc(arena, LAYOUT_SEATS_MAX, sizeof(*b->places));
	buf_init(&b->json, arena);
	jout_init(&b->out, &b->json);
	jout_array(&b->out);
	for (size_t i = 0; i < sections->count && !is_enough(b); i++)
		add_section(b, i, &list[i]);
	jout_end(&b->out);
	if (!is_enough(b))
		check_places(b, list, sections->count);
	if (b->violations > 0)
		return ERR_INVALID;
	buf_init(&plan, arena);
	plan_put(b->plan, &plan);
	*built_r = (struct layout_built){
		.sections = buf_text(&b->json),
		.plan = plan,
		.labels = b->labels,
		.grades = b->grades,
		.section_names = b->section_names,
		.row_names = b->row_names,
		.seats = b->seats,
	};
	return ERR_OK;
}

void
layout_build_plan(struct arena *arena, const struct jval *sections, struct buf *plan)
{
	struct plan_maker *maker = plan_maker_new(arena, LAYOUT_SEATS_MAX);

	for (size_t i = 0; i < jin_array_length(sections); i++) {
		const struct jval *rows = jin_get(jin_array_at(sections, i), "rows");

		plan_add_section(maker);
		for (size_t j = 0; j < jin_array_length(rows); j++) {
			const struct jval *seats = jin_get(jin_array_at(rows, j), "seats");

			plan_add_row(maker);
			for (size_t k = 0; k < jin_array_length(seats); k++) {
				const struct jval *seat = jin_array_at(seats, k);

				plan_add_seat(maker, jin_get_i64(seat, "x"), jin_get_i64(seat, "y"),
					      jin_get_text(seat, "grade"));
			}
		}
	}
	plan_put(maker, plan);
}
