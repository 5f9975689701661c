/* Which seats are the best. Halls are drawn as text, the stage above them: a row is a word.
 *	. free  x taken  | aisle  / next section; a capital is a free seat of the grade of that name
 */
#include "config.h"

#include "test_core.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/seatbits.h"
#include "core/plan.h"
#include "core/show/best.h"

#define STEP 10

struct hall {
	struct plan plan;
	char *digits; /* states of the seats */
};

enum drawing { DOWN, UP, MIRRORED, TURNED, FAR_AWAY, DRAWINGS };

static void
add_seat(struct plan_maker *maker, enum drawing drawing, int64_t x, int64_t y, char sign)
{
	const char *grade =
		sign >= 'A' && sign <= 'Z' ? arena_printf(unit_arena(), "%c", sign) : "R";

	if (drawing == UP)
		plan_add_seat(maker, x, -y, grade);
	else if (drawing == MIRRORED)
		plan_add_seat(maker, -x, y, grade);
	else if (drawing == TURNED)
		plan_add_seat(maker, y, x, grade);
	else if (drawing == FAR_AWAY)
		plan_add_seat(maker, x - 123456, y + 654321, grade);
	else
		plan_add_seat(maker, x, y, grade);
}

static struct hall
draw(const char *text, enum drawing drawing)
{
	const size_t max = strlen(text);
	struct plan_maker *maker = plan_maker_new(unit_arena(), max);
	struct hall hall = {.digits = arena_alloc(unit_arena(), max + 1)};
	int64_t x = 0, y = STEP;
	struct buf bytes;
	size_t seats = 0;

	plan_add_section(maker);
	plan_add_row(maker);
	for (const char *at = text; *at != '\0'; at++) {
		x += STEP;
		if (*at == '|')
			continue;
		if (*at == '/')
			plan_add_section(maker);
		if (*at == '/' || *at == ' ') {
			plan_add_row(maker);
			x = 0;
			y += STEP;
			continue;
		}
		add_seat(maker, drawing, x, y, *at);
		hall.digits[seats++] = *at == 'x' ? '2' : '0';
	}
	buf_init(&bytes, unit_arena());
	plan_put(maker, &bytes);
	UNIT_TRUE(plan_read(unit_arena(), bytes.data, bytes.len, &hall.plan));
	UNIT_I64(seats, hall.plan.seats);
	return hall;
}

static uint8_t *
bits_of(const struct hall *hall)
{
	uint8_t *bits = arena_alloc(unit_arena(), seatbits_size(hall->plan.seats) + 1);

	UNIT_TRUE(seatbits_pack(hall->digits, hall->plan.seats, bits));
	return bits;
}

static struct best
search_for(const struct hall *hall, const struct best_wish *wish)
{
	struct best best;

	best_search(unit_arena(), &hall->plan, bits_of(hall), wish, &best);
	return best;
}

static struct best
search(const struct hall *hall, size_t count, const char *grade, uint32_t seed)
{
	return search_for(hall, &(struct best_wish){.count = count, .grade = grade, .seed = seed});
}

static const char *
block_text(const struct best *best, size_t block, size_t count)
{
	struct buf text;

	buf_init(&text, unit_arena());
	for (size_t i = 0; i < count && block < best->blocks; i++)
		buf_printf(&text, "%s%lld", i > 0 ? " " : "",
			   (long long)best->seats[block * count + i]);
	return buf_text(&text);
}

static bool
is_one_of(const char *text, const char *list)
{
	const char *all = arena_printf(unit_arena(), "|%s|", list);

	return strstr(all, arena_printf(unit_arena(), "|%s|", text)) != NULL;
}

static const struct {
	const char *name;
	const char *hall;
	size_t count;
	const char *grade;
	const char *best;
} rows[] = {
	{"nearest the stage", ".... ....", 2, NULL, "0 1|2 3"},
	{"nearest the middle", ".......", 1, NULL, "3"},
	{"a block in the middle", "......", 2, NULL, "2 3"},
	{"the middle of the section and not of the hall", ".......................... /...... .", 1,
	 NULL, "12|13"},
	{"the middle of the section beside an aisle", "....|.x...", 2, NULL, "2 3"},
	{"the better side of an aisle", "......|..", 2, NULL, "4 5"},
	{"no orphan", ".....", 2, NULL, "0 1|3 4"},
	{"no orphan in the next row", "... ....", 2, NULL, "3 4|5 6"},
	{"no orphan two rows behind", "... ... ....", 2, NULL, "6 7|8 9"},
	{"an orphan before three rows behind", "... ... ... ....", 2, NULL, "0 1|1 2"},
	{"an orphan before another section", ".../....", 2, NULL, "0 1|1 2"},
	{"an orphan where it is the only sale", "x...x", 2, NULL, "1 2|2 3"},
	{"a row with a free block is nearer than one without an orphan", "..... ......", 4, NULL,
	 "5 6 7 8|7 8 9 10"},
	{"stalls of five before a gallery of twenty",
	 "..... ..... ..... ..... ..... ..... ..... ..... ..... ...../"
	 ".................... .................... .................... ....................",
	 4, NULL, "0 1 2 3|1 2 3 4"},
	{"five rows, the first is the nearest", ".... .... .... .... ....", 2, NULL, "0 1|2 3"},
	{"a seat behind an aisle is not beside it", "..|. ...", 3, NULL, "3 4 5"},
	{"an aisle is respected", "x..|..x ....", 3, NULL, "7 8 9|8 9 10"},
	{"a row of two across an aisle is not side by side", ".|. ... ...", 2, NULL,
	 "2 3|3 4|5 6|6 7"},
	{"a section ends a row", "../.. xxxx", 3, NULL, "0 1 2|0 1 3|0 2 3|1 2 3"},
	{"two groups in a row", "..x..", 4, NULL, "0 1 3 4"},
	{"two groups in adjacent rows", "..x xxx ..x ..x", 4, NULL, "6 7 9 10"},
	{"one behind the other", "...xx... ...xxxxx", 6, NULL, "0 1 2 5 6 7|0 1 2 8 9 10"},
	{"one behind the other and not diagonal", "...xxxxx... ...xxxxxxxx", 6, NULL,
	 "0 1 2 8 9 10|0 1 2 11 12 13"},
	{"adjacent rows before rows apart", "..xxx xxxxx ..xxx ..xxx", 4, NULL, "10 11 15 16"},
	{"two groups apart", "..xxx xxxxx xxxxx ...xx", 5, NULL, "0 1 15 16 17"},
	{"two groups of one section before a nearer one of another", "..x/xxx ..x xxx ..x", 4, NULL,
	 "6 7 12 13"},
	{"two groups without an orphan", "... .. ..", 4, NULL, "3 4 5 6"},
	{"adjacent rows before no orphan", "... .. xxx xxx ..", 4, NULL, "0 1 3 4|1 2 3 4"},
	{"nobody alone", "...x. ..xxx", 4, NULL, "0 1 5 6|1 2 5 6"},
	{"one alone where it cannot be helped", ".x. xxx", 2, NULL, "0 2"},
	{"two of three beside each other", ".x. ..x", 3, NULL, "0 3 4|2 3 4"},
	{"three groups", ".x.x.", 3, NULL, "0 2 4"},
	{"three groups, nobody alone", "..x..x.x... x.x", 7, NULL, "0 1 3 4 8 9 10"},
	{"three groups of seven", "...x...x...", 7, NULL,
	 "0 1 2 4 5 8 9|0 1 4 5 6 8 9|0 1 4 5 8 9 10|"
	 "0 1 2 5 6 8 9|0 1 2 4 5 9 10|0 1 5 6 8 9 10|1 2 4 5 6 8 9|1 2 4 5 8 9 10|1 2 5 6 8 9 10|"
	 "0 1 2 5 6 9 10|1 2 4 5 6 9 10|0 1 4 5 6 9 10"},
	{"more groups in as few rows as possible", "..x.x xxxxx ..x.. ..xxx", 6, NULL,
	 "10 11 13 14 15 16"},
	{"all that is left", "x.x .x. ..x /..x", 7, NULL, "1 3 5 6 7 9 10"},
	{"by grade", ".... BBBB", 2, "B", "4 5|6 7"},
	{"a block of one grade only", "..BBB...", 3, "B", "2 3 4"},
	{"a seat of another grade beside is not alone", "BB.x", 1, "B", "0"},
	{"no seat of the grade", "....", 1, "B", ""},
	{"too few of the grade", "B...", 2, "B", ""},
	{"too few", "..x", 3, NULL, ""},
	{"none", "xx", 1, NULL, ""},
};

static void
test_best(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (int drawing = DOWN; drawing < DRAWINGS; drawing++) {
			const struct hall hall = draw(rows[i].hall, (enum drawing)drawing);

			unit_row(arena_printf(unit_arena(), "%s, drawing %d", rows[i].name,
					      drawing));
			for (uint32_t seed = 0; seed < 4; seed++) {
				const struct best best =
					search(&hall, rows[i].count, rows[i].grade, seed);
				const char *text = block_text(&best, 0, rows[i].count);

				if (!is_one_of(text, rows[i].best))
					UNIT_TEXT(rows[i].best, text);
				UNIT_I64(*rows[i].best == '\0', best.blocks == 0);
			}
		}
}

/* --- any hall, against what can be said of it without a search --- */

/* Stretches of free seats, of a grade if one is wanted. */
struct facts {
	size_t free, paired, longest, longest_two;
};

static bool
is_wanted(const struct hall *hall, size_t seat, const char *grade)
{
	return hall->digits[seat] == '0' &&
	       (grade == NULL || strcmp(hall->plan.grades[hall->plan.grade_of[seat]], grade) == 0);
}

static struct facts
facts_of(const struct hall *hall, const char *grade)
{
	struct facts facts = {.free = 0};

	for (size_t i = 0; i < hall->plan.run_count; i++) {
		const struct plan_run *run = &hall->plan.runs[i];
		size_t length = 0;

		for (size_t j = 0; j <= run->seats; j++)
			if (j < run->seats && is_wanted(hall, run->first + j, grade))
				length++;
			else {
				facts.free += length;
				facts.paired += length > 1 ? length : 0;
				facts.longest = length > facts.longest ? length : facts.longest;
				length = 0;
			}
	}
	return facts;
}

/* How many of these seats have none of them beside them. */
static size_t
alone(const struct hall *hall, const int64_t *seats, size_t count)
{
	size_t found = 0;

	for (size_t i = 0, run = 0; i < count; i++) {
		const struct plan_run *runs = hall->plan.runs;

		while (runs[run].first + runs[run].seats <= (uint64_t)seats[i])
			run++;
		found += (i == 0 || seats[i - 1] + 1 != seats[i] ||
			  seats[i - 1] < runs[run].first) &&
			 (i + 1 == count || seats[i] + 1 != seats[i + 1] ||
			  seats[i + 1] >= runs[run].first + runs[run].seats);
	}
	return found;
}

static size_t
alone_at_least(const struct facts *facts, size_t count)
{
	if (count == 1)
		return 1;
	if (facts->paired < count)
		return count - facts->paired;
	return count % 2 == 1 && facts->longest == 2;
}

static size_t
row_of(const struct hall *hall, size_t seat)
{
	const struct plan *plan = &hall->plan;
	size_t row = plan->row_count - 1;

	while (plan->rows[row].runs == 0 || plan->runs[plan->rows[row].first_run].first > seat)
		row--;
	return row;
}

/* A block at this seat: 0 none, 1 one that leaves a seat alone, 2 one that does not. */
static int
block_at(const struct hall *hall, size_t seat, size_t count, const char *grade)
{
	const struct plan_run *run = hall->plan.runs;
	size_t before = 0, behind = 0;

	while (run->first + run->seats <= seat)
		run++;
	if (seat + count > run->first + run->seats)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (!is_wanted(hall, seat + i, grade))
			return 0;
	while (seat - before > run->first && is_wanted(hall, seat - before - 1, NULL))
		before++;
	while (seat + count + behind < run->first + run->seats &&
	       is_wanted(hall, seat + count + behind, NULL))
		behind++;
	return before == 1 || behind == 1 ? 1 : 2;
}

/* The row of the best block, and whether it leaves a seat alone. */
static bool
best_row(const struct hall *hall, size_t count, const char *grade, size_t *row_r, int *kind_r)
{
	size_t nearest = SIZE_MAX;

	*kind_r = 1;
	for (size_t seat = 0; seat < hall->plan.seats; seat++) {
		const int kind = block_at(hall, seat, count, grade);
		const size_t row = row_of(hall, seat);

		if (kind == 0)
			continue;
		if (nearest == SIZE_MAX)
			*row_r = nearest = row;
		if (kind == 2 && *kind_r == 1 && row <= nearest + BEST_ROWS_COMPARED &&
		    hall->plan.rows[row].section == hall->plan.rows[nearest].section) {
			*kind_r = 2;
			*row_r = row;
		}
	}
	return nearest != SIZE_MAX;
}

static void
check_blocks(const struct hall *hall, const struct best *best, size_t count, const char *grade)
{
	char *is_used = arena_alloc(unit_arena(), hall->plan.seats + 1);

	UNIT_TRUE(best->blocks <= BEST_BLOCKS_MAX && best->blocks * count <= BEST_SEATS_MAX);
	for (size_t i = 0; i < best->blocks * count; i++) {
		const size_t seat = (size_t)best->seats[i];

		UNIT_TRUE(seat < hall->plan.seats && is_wanted(hall, seat, grade));
		UNIT_FALSE(is_used[seat]);
		is_used[seat] = 1;
		if (i % count > 0)
			UNIT_TRUE(best->seats[i - 1] < best->seats[i]);
	}
}

static void
check_search(const struct hall *hall, size_t count, const char *grade, uint32_t seed)
{
	const struct facts facts = facts_of(hall, grade);
	const struct best best = search(hall, count, grade, seed);
	size_t row;
	int kind;

	UNIT_TRUE(best.looks <= BEST_LOOKS_PER_SEAT * hall->plan.seats);
	UNIT_I64(facts.free >= count, best.blocks > 0);
	check_blocks(hall, &best, count, grade);
	if (best.blocks == 0)
		return;
	if (best_row(hall, count, grade, &row, &kind)) {
		UNIT_I64(row, row_of(hall, (size_t)best.seats[0]));
		UNIT_I64(kind, block_at(hall, (size_t)best.seats[0], count, grade));
		UNIT_I64(best.seats[0] + (int64_t)count - 1, best.seats[count - 1]);
	} else
		UNIT_I64(alone_at_least(&facts, count), alone(hall, best.seats, count));
}

/* What holds for one of many callers too. */
static void
check_crowd(const struct hall *hall, const struct best_wish *wish)
{
	struct arena *arena = arena_new(1 << 30);
	struct best best;

	best_search(arena, &hall->plan, bits_of(hall), wish, &best);
	UNIT_TRUE(best.looks <= BEST_LOOKS_PER_SEAT * hall->plan.seats);
	UNIT_I64(facts_of(hall, wish->grade).free >= wish->count, best.blocks > 0);
	UNIT_TRUE(wish->blocks == 0 || best.blocks <= wish->blocks);
	check_blocks(hall, &best, wish->count, wish->grade);
	arena_free(arena);
}

static uint32_t
pseudo(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(*state >> 8) * below >> 24);
}

static void
test_any_hall(void)
{
	uint32_t state = 7;

	for (int i = 0; i < 20000; i++) {
		const uint32_t length = 1 + pseudo(&state, 40), free_of_ten = pseudo(&state, 11);
		char *text = arena_alloc(unit_arena(), length + 2);
		const char *grade = pseudo(&state, 4) == 0 ? "B" : NULL;
		struct hall hall;

		for (uint32_t j = 0; j < length; j++) {
			const uint32_t what = pseudo(&state, 30);

			text[j] = what < 4                            ? ' '
				  : what == 4                         ? '/'
				  : what == 5                         ? '|'
				  : pseudo(&state, 10) >= free_of_ten ? 'x'
				  : what < 12                         ? 'B'
								      : '.';
		}
		hall = draw(text, (enum drawing)pseudo(&state, DRAWINGS));
		if (hall.plan.seats == 0)
			continue;
		unit_row(arena_printf(unit_arena(), "%s, hall %d", text, i));
		check_search(&hall, 1 + pseudo(&state, 9), grade, pseudo(&state, 4));
		if (i % 8 == 0)
			check_crowd(&hall, &(struct best_wish){.count = 1 + pseudo(&state, 9),
							       .grade = grade,
							       .seed = pseudo(&state, 100),
							       .blocks = pseudo(&state, 5),
							       .callers = pseudo(&state, 300)});
	}
}

/* --- large halls --- */

/* `sections` sections of rows of so many seats; of a hundred seats `free` are free, or -1: every
 * second one. */
static struct hall
large(size_t sections, size_t section_rows, size_t seats, int free)
{
	const size_t all = sections * section_rows * seats;
	struct buf text;
	uint32_t state = 11;

	buf_init(&text, unit_arena());
	for (size_t i = 0; i < all; i++) {
		if (i > 0 && i % (section_rows * seats) == 0)
			buf_putc(&text, '/');
		else if (i > 0 && i % seats == 0)
			buf_putc(&text, ' ');
		buf_putc(&text, free < 0 ? ".x"[i % 2] : "x."[(int)pseudo(&state, 100) < free]);
	}
	return draw(buf_text(&text), DOWN);
}

static void
test_large(void)
{
	static const struct {
		const char *name;
		size_t sections, rows, seats;
		int free;
	} halls[] = {
		{"every second seat of a row of 2,000", 1, 1, 2000, -1},
		{"2,000 rows of five", 1, 2000, 5, 100},
		{"20,000 seats, 85 % sold", 4, 100, 50, 15},
		{"100,000 seats, all free", 10, 100, 100, 100},
		{"100,000 seats in one row", 1, 1, 100000, 100},
		{"100,000 seats, 85 % sold", 10, 100, 100, 15},
		{"100,000 seats, half of them sold", 10, 100, 100, 50},
		{"every second of 100,000 seats", 10, 100, 100, -1},
		{"every second of a row of 100,000", 1, 1, 100000, -1},
		{"100,000 rows of one seat", 10, 10000, 1, 100},
		{"100,000 rows of one seat, half of them sold", 10, 10000, 1, 50},
		{"50,000 rows of two seats", 10, 5000, 2, 100},
		{"50,000 rows of two seats, 70 % sold", 10, 5000, 2, 30},
		{"33,333 rows of three seats", 1, 33333, 3, 100},
		{"100,000 seats, 97 % sold", 10, 100, 100, 3},
		{"none of 100,000", 10, 100, 100, 0},
	};
	static const size_t counts[] = {1, 2, 3, 4, 6, 7, 10, 31, 99, 100};

	for (size_t i = 0; i < sizeof(halls) / sizeof(*halls); i++) {
		const struct hall hall =
			large(halls[i].sections, halls[i].rows, halls[i].seats, halls[i].free);
		const struct facts facts = facts_of(&hall, NULL);

		for (size_t j = 0; j < sizeof(counts) / sizeof(*counts); j++) {
			struct best best;

			unit_row(arena_printf(unit_arena(), "%s, %zu", halls[i].name, counts[j]));
			best = search(&hall, counts[j], NULL, 0);
			UNIT_I64(facts.free >= counts[j], best.blocks > 0);
			UNIT_TRUE(best.looks <= BEST_LOOKS_PER_SEAT * hall.plan.seats);
			check_blocks(&hall, &best, counts[j], NULL);
			if (best.blocks > 0 && facts.longest < counts[j])
				UNIT_I64(alone_at_least(&facts, counts[j]),
					 alone(&hall, best.seats, counts[j]));
			check_crowd(&hall, &(struct best_wish){.count = counts[j],
							       .seed = (uint32_t)(i * j),
							       .callers = 200});
		}
	}
}

static void
test_many_groups(void)
{
	for (int sold = 0; sold < 20; sold++) {
		struct hall hall = large(1, 20, 10, 100);
		uint32_t state = (uint32_t)sold;
		struct best best;

		for (int taken = 0; taken < 51;) {
			const size_t seat = pseudo(&state, 200);

			taken += hall.digits[seat] == '0';
			hall.digits[seat] = '2';
		}
		best = search(&hall, 30, NULL, 0);
		UNIT_TRUE(best.blocks > 0);
		check_blocks(&hall, &best, 30, NULL);
		UNIT_I64(0, alone(&hall, best.seats, 30));
		UNIT_TRUE(row_of(&hall, (size_t)best.seats[29]) -
				  row_of(&hall, (size_t)best.seats[0]) <
			  6);
	}
}

/* --- callers of one moment --- */

static void
test_equal_callers(void)
{
	const struct hall hall = draw(".......... .......... .......... ..........", DOWN);
	struct best_wish wish = {.count = 2};
	bool is_first[40] = {false};
	struct best best;

	for (wish.seed = 0; wish.seed < 400; wish.seed += 2) {
		wish.callers = 2;
		best = search_for(&hall, &wish);
		UNIT_I64(20, best.blocks);
		is_first[best.seats[0]] = true;
		UNIT_TRUE(row_of(&hall, (size_t)best.seats[0]) <= BEST_ROWS_COMPARED);
		wish.callers = 1;
		best = search_for(&hall, &wish);
		UNIT_TEXT("4 5", block_text(&best, 0, 2));
	}
	for (size_t seat = 0; seat < 40; seat++)
		UNIT_I64(seat < 30 && seat % 2 == 0, is_first[seat]);
}

/* No row has ninety, so the blocks are of nine rows each. */
static void
test_equal_callers_for_many_seats(void)
{
	const struct hall hall = large(1, 2000, 10, 100);
	struct best_wish wish = {.count = 90};
	bool is_first[36] = {false};
	struct best best;

	for (wish.seed = 0; wish.seed < 400; wish.seed++) {
		wish.callers = 20;
		best = search_for(&hall, &wish);
		UNIT_I64(BEST_SEATS_MAX / 90, best.blocks);
		check_blocks(&hall, &best, 90, NULL);
		UNIT_TRUE(best.seats[0] / 90 < 36);
		is_first[best.seats[0] / 90] = true;
		wish.callers = 1;
		best = search_for(&hall, &wish);
		UNIT_I64(BEST_SEATS_MAX / 90, best.blocks);
		UNIT_I64(0, best.seats[0]);
	}
	for (size_t block = 0; block < 36; block++)
		UNIT_TRUE(is_first[block]);
}

/* A caller takes the first of the blocks that nobody has. */
static bool
take_free(const struct best *best, size_t count, char *is_taken)
{
	for (size_t block = 0; block < best->blocks; block++) {
		const int64_t *seats = &best->seats[block * count];
		bool is_free = true;

		for (size_t i = 0; i < count; i++)
			is_free = is_free && !is_taken[seats[i]];
		for (size_t i = 0; i < count && is_free; i++)
			is_taken[seats[i]] = 1;
		if (is_free)
			return true;
	}
	return false;
}

/* How many of the callers of one moment, who all see the hall as it was before them, find a free
 * block among those of their first call. */
static size_t
served_at_once(const struct hall *hall, size_t count, uint32_t callers, size_t blocks)
{
	char *is_taken = arena_alloc(unit_arena(), hall->plan.seats + 1);
	const uint8_t *bits = bits_of(hall);
	struct arena *arena = arena_new(1 << 30);
	uint32_t state = 3;
	size_t served = 0;

	for (uint32_t caller = 1; caller <= callers; caller++) {
		const struct best_wish wish = {.count = count,
					       .seed = pseudo(&state, 1 << 20),
					       .blocks = blocks,
					       .callers = caller};
		struct best best;

		best_search(arena, &hall->plan, bits, &wish, &best);
		served += take_free(&best, count, is_taken);
		arena_reset(arena);
	}
	arena_free(arena);
	return served;
}

static void
test_crowds(void)
{
	const struct hall tens = large(1, 2000, 10, 100), fives = large(1, 2000, 5, 100);
	const struct hall sold = large(4, 100, 50, 15);
	const struct {
		const char *name;
		const struct hall *hall;
		size_t count;
		uint32_t callers;
		size_t blocks, least;
	} crowds[] = {
		{"ninety, in rows of ten", &tens, 90, 20, 3, 17},
		{"two", &tens, 2, 200, 8, 175},
		{"six", &tens, 6, 200, 8, 175},
		{"six, in rows of five", &fives, 6, 200, 8, 120},
		{"thirty, where 85 % are sold", &sold, 30, 16, 3, 12},
	};

	for (size_t i = 0; i < sizeof(crowds) / sizeof(*crowds); i++) {
		unit_row(crowds[i].name);
		UNIT_TRUE(served_at_once(crowds[i].hall, crowds[i].count, crowds[i].callers,
					 crowds[i].blocks) >= crowds[i].least);
	}
}

static void
test_neighbours(void)
{
	const struct hall hall = draw("..........", DOWN);
	const struct best best = search(&hall, 2, NULL, 0);

	UNIT_I64(5, best.blocks);
	UNIT_TEXT("4 5", block_text(&best, 0, 2));
}

/* --- plans --- */

static void
test_plan_is_small(void)
{
	struct plan_maker *maker = plan_maker_new(unit_arena(), 100000);
	struct buf bytes;

	for (int i = 0; i < 100000; i++) {
		if (i % 10000 == 0)
			plan_add_section(maker);
		if (i % 50 == 0)
			plan_add_row(maker);
		plan_add_seat(maker, 20 * (i % 50 + (i % 50 >= 25)), 20 * (i / 50), "R");
	}
	plan_put(maker, (buf_init(&bytes, unit_arena()), &bytes));
	UNIT_TRUE(bytes.len < 30000);
}

static void
test_bad_plans(void)
{
	const char good[] = "\1\3\1\2\2\2\1\1\2\1\2\1\2\2\1A\1B\2\0\1\1";
	const size_t len = sizeof(good) - 1;
	struct plan plan;

	UNIT_TRUE(plan_read(unit_arena(), good, len, &plan));
	UNIT_I64(3, plan.seats);
	UNIT_I64(2, plan.row_count);
	UNIT_I64(-1, plan.runs[0].offset);
	UNIT_TEXT("B", plan.grades[plan.grade_of[2]]);
	for (size_t i = 0; i < len; i++)
		UNIT_FALSE(plan_read(unit_arena(), good, i, &plan));
	for (size_t i = 0; i < len; i++)
		for (int byte = 0; byte < 256; byte++) {
			char *bad = arena_strndup(unit_arena(), good, len);

			bad[i] = (char)byte;
			if (plan_read(unit_arena(), bad, len, &plan))
				UNIT_TRUE(plan.run_count <= len && plan.seats <= 1 << 24);
		}
	UNIT_FALSE(plan_read(unit_arena(), "\1\3\1\2\2\2\1\1\2\1\2\1\2\2\1A\1B\2\0\1\1\0", len + 1,
			     &plan));
}

const struct unit_case test_core_best_cases[] = {
	{"the best seats, whatever the drawing's origin and direction", test_best},
	{"in any hall a search keeps its promises", test_any_hall},
	{"in large halls it takes few looks", test_large},
	{"of 149 free seats thirty are found, in few rows", test_many_groups},
	{"equal callers begin at different blocks of comparable rows", test_equal_callers},
	{"equal callers for many seats begin at different blocks",
	 test_equal_callers_for_many_seats},
	{"most of many callers are served by their first call", test_crowds},
	{"blocks leave no seat between them", test_neighbours},
	{"the plan of a large hall is small", test_plan_is_small},
	{"bytes that are no plan are refused", test_bad_plans},
	{NULL, NULL},
};
