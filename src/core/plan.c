#include "config.h"

#include "core/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

#define FORMAT 1
#define EIGHTHS 8
#define OFFSET_MAX (1 << 28)
#define SEATS_MAX (1 << 24)

/* --- making --- */

struct point {
	int64_t x, y;
};

struct plan_maker {
	struct arena *arena;
	size_t seats_max;
	size_t seats;
	struct point *points;
	size_t section_first; /* seat of the current section */
	/* by row: its first seat */
	uint32_t *row_firsts;
	size_t rows;
	size_t section_row; /* row of the current section */
	size_t sections;
	size_t runs;
	const char *grades[PLAN_GRADES_MAX];
	size_t grade_count;
	uint8_t *grade_of;
	struct buf section_rows; /* the parts of the bytes */
	struct buf row_runs;
	struct buf run_bytes;
};

static void
put_number(struct buf *bytes, uint64_t number)
{
	uint8_t out[10];
	size_t len = 0;

	for (; number > 127; number >>= 7)
		out[len++] = (uint8_t)(number | 128);
	out[len++] = (uint8_t)number;
	buf_put(bytes, out, len);
}

static void
put_signed(struct buf *bytes, int64_t number)
{
	put_number(bytes, number < 0 ? (uint64_t)(-number) * 2 - 1 : (uint64_t)number * 2);
}

struct plan_maker *
plan_maker_new(struct arena *arena, size_t seats_max)
{
	struct plan_maker *maker = arena_alloc(arena, sizeof(*maker));

	maker->arena = arena;
	maker->seats_max = seats_max;
	maker->points = arena_calloc(arena, seats_max, sizeof(*maker->points));
	maker->row_firsts = arena_calloc(arena, seats_max + 1, sizeof(*maker->row_firsts));
	maker->grade_of = arena_alloc(arena, seats_max);
	buf_init(&maker->section_rows, arena);
	buf_init(&maker->row_runs, arena);
	buf_init(&maker->run_bytes, arena);
	return maker;
}

void
plan_add_seat(struct plan_maker *maker, int64_t x, int64_t y, const char *grade)
{
	size_t i = maker->grade_count;

	if (maker->seats == maker->seats_max || maker->rows == 0)
		return;
	while (i > 0 && strcmp(maker->grades[i - 1], grade) != 0)
		i--;
	if (i == 0 && maker->grade_count < PLAN_GRADES_MAX) {
		maker->grades[maker->grade_count++] = grade;
		i = maker->grade_count;
	}
	maker->grade_of[maker->seats] = (uint8_t)(i > 0 ? i - 1 : 0);
	maker->points[maker->seats++] = (struct point){x, y};
}

/* What is usual in the section in hand. */
struct usual {
	double step2;   /* square of a step, 0 when no row has two seats */
	double dx, dy;  /* direction of its rows, of length 1 */
	double middle;  /* along that direction */
	double eighths; /* of a step, in a unit of the drawing */
};

static double
step2(const struct point *a, const struct point *b)
{
	const double x = (double)(b->x - a->x), y = (double)(b->y - a->y);

	return x * x + y * y;
}

static int
compare_doubles(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static size_t
row_end(const struct plan_maker *maker, size_t row)
{
	return row + 1 < maker->rows ? maker->row_firsts[row + 1] : maker->seats;
}

static double
along(const struct usual *usual, const struct point *point)
{
	return (double)point->x * usual->dx + (double)point->y * usual->dy;
}

/* The lower median of the steps between two points. Seats on one point have none. */
static double
usual_step2(struct plan_maker *maker)
{
	double *steps =
		arena_calloc(maker->arena, maker->seats - maker->section_first + 1, sizeof(*steps));
	size_t count = 0;

	for (size_t row = maker->section_row; row < maker->rows; row++)
		for (size_t i = maker->row_firsts[row] + 1; i < row_end(maker, row); i++) {
			steps[count] = step2(&maker->points[i - 1], &maker->points[i]);
			count += steps[count] > 0;
		}
	if (count == 0)
		return 0;
	qsort(steps, count, sizeof(*steps), compare_doubles);
	return steps[(count - 1) / 2];
}

static struct usual
usual_of(struct plan_maker *maker)
{
	struct usual usual = {.step2 = usual_step2(maker)};
	double x = 0, y = 0, least = INFINITY, most = -INFINITY;

	for (size_t row = maker->section_row; row < maker->rows; row++) {
		const size_t first = maker->row_firsts[row], end = row_end(maker, row);

		if (first == end)
			continue;
		x += (double)(maker->points[end - 1].x - maker->points[first].x);
		y += (double)(maker->points[end - 1].y - maker->points[first].y);
	}
	usual.dx = x == 0 && y == 0 ? 1 : x / hypot(x, y);
	usual.dy = x == 0 && y == 0 ? 0 : y / hypot(x, y);
	for (size_t i = maker->section_first; i < maker->seats; i++) {
		least = fmin(least, along(&usual, &maker->points[i]));
		most = fmax(most, along(&usual, &maker->points[i]));
	}
	usual.middle = (least + most) / 2;
	usual.eighths = usual.step2 > 0 ? EIGHTHS / sqrt(usual.step2) : 1;
	return usual;
}

static int64_t
offset_of(const struct usual *usual, const struct point *point)
{
	const double offset = round((along(usual, point) - usual->middle) * usual->eighths);

	return (int64_t)fmax(-OFFSET_MAX, fmin(OFFSET_MAX, offset));
}

static void
put_run(struct plan_maker *maker, const struct usual *usual, size_t first, size_t end)
{
	const int64_t offset = offset_of(usual, &maker->points[first]);

	put_number(&maker->run_bytes, end - first);
	put_signed(&maker->run_bytes, offset);
	if (end - first > 1)
		put_signed(&maker->run_bytes, offset_of(usual, &maker->points[end - 1]) - offset);
	maker->runs++;
}

static void
put_row(struct plan_maker *maker, const struct usual *usual, size_t row)
{
	const size_t end = row_end(maker, row), runs = maker->runs;
	size_t first = maker->row_firsts[row];

	for (size_t i = first + 1; i < end; i++)
		if (step2(&maker->points[i - 1], &maker->points[i]) > 2.25 * usual->step2) {
			put_run(maker, usual, first, i);
			first = i;
		}
	if (first < end)
		put_run(maker, usual, first, end);
	put_number(&maker->row_runs, maker->runs - runs);
}

static void
end_section(struct plan_maker *maker)
{
	if (maker->sections > 0) {
		const struct usual usual = usual_of(maker);

		for (size_t row = maker->section_row; row < maker->rows; row++)
			put_row(maker, &usual, row);
		put_number(&maker->section_rows, maker->rows - maker->section_row);
	}
	maker->section_row = maker->rows;
	maker->section_first = maker->seats;
}

void
plan_add_section(struct plan_maker *maker)
{
	end_section(maker);
	maker->sections++;
}

void
plan_add_row(struct plan_maker *maker)
{
	if (maker->rows < maker->seats_max)
		maker->row_firsts[maker->rows++] = (uint32_t)maker->seats;
}

void
plan_put(struct plan_maker *maker, struct buf *bytes)
{
	size_t same;

	end_section(maker);
	put_number(bytes, FORMAT);
	put_number(bytes, maker->seats);
	put_number(bytes, maker->sections);
	put_number(bytes, maker->rows);
	put_number(bytes, maker->runs);
	buf_put(bytes, buf_text(&maker->section_rows), maker->section_rows.len);
	buf_put(bytes, buf_text(&maker->row_runs), maker->row_runs.len);
	buf_put(bytes, buf_text(&maker->run_bytes), maker->run_bytes.len);
	put_number(bytes, maker->grade_count);
	for (size_t i = 0; i < maker->grade_count; i++) {
		put_number(bytes, strlen(maker->grades[i]));
		buf_puts(bytes, maker->grades[i]);
	}
	for (size_t i = 0; i < maker->seats; i += same) {
		same = 1;
		while (i + same < maker->seats && maker->grade_of[i + same] == maker->grade_of[i])
			same++;
		put_number(bytes, same);
		put_number(bytes, maker->grade_of[i]);
	}
}

/* --- reading --- */

struct reading {
	struct arena *arena;
	const uint8_t *at;
	const uint8_t *end;
	bool is_bad;
};

/* The next number, at most `max`. After a bad one, all are 0. */
static uint32_t
number(struct reading *in, uint32_t max)
{
	uint64_t value = 0;
	int shift = 0;
	uint8_t byte;

	do {
		if (in->is_bad || in->at == in->end || shift > 28) {
			in->is_bad = true;
			return 0;
		}
		byte = *in->at++;
		value |= (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while (byte > 127);
	in->is_bad = value > max;
	return in->is_bad ? 0 : (uint32_t)value;
}

static int32_t
signed_number(struct reading *in)
{
	const uint32_t value = number(in, 4 * OFFSET_MAX);

	return value % 2 == 0 ? (int32_t)(value / 2) : -(int32_t)(value / 2) - 1;
}

/* The counts of parts that `whole` parts add up to. */
static void
read_rows(struct reading *in, struct plan *plan, size_t sections)
{
	struct plan_row *rows = arena_calloc(in->arena, plan->row_count + 1, sizeof(*rows));
	size_t row = 0, run = 0;

	for (size_t section = 0; section < sections; section++)
		for (uint32_t n = number(in, (uint32_t)(plan->row_count - row)); n > 0; n--)
			rows[row++].section = (uint32_t)section;
	in->is_bad = in->is_bad || row != plan->row_count;
	for (row = 0; row < plan->row_count; row++) {
		rows[row].first_run = (uint32_t)run;
		rows[row].runs = number(in, (uint32_t)(plan->run_count - run));
		run += rows[row].runs;
	}
	in->is_bad = in->is_bad || run != plan->run_count;
	plan->rows = rows;
}

static void
read_runs(struct reading *in, struct plan *plan)
{
	struct plan_run *runs = arena_calloc(in->arena, plan->run_count + 1, sizeof(*runs));
	size_t first = 0;

	for (size_t i = 0; i < plan->run_count; i++) {
		runs[i].first = (uint32_t)first;
		runs[i].seats = number(in, (uint32_t)(plan->seats - first));
		runs[i].offset = signed_number(in);
		runs[i].extent = runs[i].seats > 1 ? signed_number(in) : 0;
		in->is_bad = in->is_bad || runs[i].seats == 0;
		first += runs[i].seats;
	}
	in->is_bad = in->is_bad || first != plan->seats;
	plan->runs = runs;
}

static void
read_grades(struct reading *in, struct plan *plan)
{
	const char **codes = arena_calloc(in->arena, PLAN_GRADES_MAX, sizeof(*codes));
	uint8_t *grade_of = arena_alloc(in->arena, plan->seats + 1);
	size_t seat = 0;

	plan->grade_count = number(in, PLAN_GRADES_MAX);
	for (size_t i = 0; i < plan->grade_count; i++) {
		const uint32_t len = number(in, SEATS_MAX);

		in->is_bad = in->is_bad || len > (size_t)(in->end - in->at);
		if (in->is_bad)
			return;
		codes[i] = arena_strndup(in->arena, (const char *)in->at, len);
		in->at += len;
	}
	while (!in->is_bad && seat < plan->seats) {
		const uint32_t same = number(in, (uint32_t)(plan->seats - seat));
		const uint32_t grade = number(in, (uint32_t)plan->grade_count);

		in->is_bad = in->is_bad || same == 0 || grade >= plan->grade_count;
		if (!in->is_bad)
			memset(grade_of + seat, (int)grade, same);
		seat += same;
	}
	plan->grades = codes;
	plan->grade_of = grade_of;
}

bool
plan_read(struct arena *arena, const void *bytes, size_t len, struct plan *plan_r)
{
	struct reading in = {.arena = arena, .at = bytes, .end = (const uint8_t *)bytes + len};
	struct plan plan = {.seats = 0};
	size_t sections;

	in.is_bad = number(&in, FORMAT) != FORMAT;
	plan.seats = number(&in, SEATS_MAX);
	sections = number(&in, SEATS_MAX);
	plan.row_count = number(&in, SEATS_MAX);
	plan.run_count = number(&in, SEATS_MAX);
	/* Each section, row and run takes a byte at least. */
	if (in.is_bad || sections > len || plan.row_count > len || plan.run_count > len)
		return false;
	read_rows(&in, &plan, sections);
	read_runs(&in, &plan);
	if (!in.is_bad)
		read_grades(&in, &plan);
	if (in.is_bad || in.at != in.end)
		return false;
	*plan_r = plan;
	return true;
}
