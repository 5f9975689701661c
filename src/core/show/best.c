/* Each seat is looked at once. What follows looks at stretches of free seats. */
#include "config.h"

#include "core/show/best.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "core/show/best_parts.h"

#define ROWS_BACK (BEST_ROWS_COMPARED + 1) /* what leaves a seat alone ranks as that much farther */
#define FEW_CALLERS 4
#define CALLERS_UNSEEN 16
#define PLACES 3 /* on each side: one of them leaves no seat alone, if any does */

/* --- what was found --- */

bool
best_is_less(const struct best_rank *left, const struct best_rank *right)
{
	for (size_t i = 0; i < sizeof(left->parts) / sizeof(left->parts[0]); i++)
		if (left->parts[i] != right->parts[i])
			return left->parts[i] < right->parts[i];
	return false;
}

bool
best_offer(struct best_search *search, const struct best_rank *rank, uint32_t a, uint32_t b)
{
	struct best_found *found = search->found;
	size_t low = 0, high = search->found_count;

	if (high == search->found_max && !best_is_less(rank, &found[high - 1].rank))
		return false;
	if (high == search->found_max)
		search->found_count = --high;
	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (best_is_less(rank, &found[middle].rank))
			high = middle;
		else
			low = middle + 1;
	}
	memmove(&found[low + 1], &found[low], (search->found_count++ - low) * sizeof(*found));
	found[low] = (struct best_found){*rank, a, b};
	return true;
}

static size_t
most_blocks(const struct best_wish *wish)
{
	const size_t most = BEST_SEATS_MAX / wish->count;
	const size_t wanted = wish->blocks > 0 ? wish->blocks : BEST_BLOCKS_MAX;

	return most < wanted ? most : wanted;
}

/* Among so many blocks the callers choose where to begin. A few get the best ones, and those who
 * come at once with others leave room for callers that are not counted yet. */
static size_t
width(const struct best_wish *wish)
{
	const size_t callers = wish->callers, few = callers < FEW_CALLERS ? callers : FEW_CALLERS;
	const size_t more = callers - few < CALLERS_UNSEEN ? callers - few : CALLERS_UNSEEN;

	return callers + (callers / 4 > more ? callers / 4 : more);
}

static size_t
most_found(const struct best_wish *wish)
{
	const size_t most = most_blocks(wish), wanted = width(wish);

	if (wish->callers <= 1)
		return most;
	return wanted < BEST_FOUND_MIN   ? BEST_FOUND_MIN
	       : wanted > BEST_FOUND_MAX ? BEST_FOUND_MAX
					 : wanted;
}

/* What the others take is side by side, so those that one sends are far apart. */
void
best_take_turns(struct best_search *search, size_t comparable)
{
	const size_t sent = most_blocks(search->wish), wanted = width(search->wish);
	size_t turned = wanted > comparable ? wanted : comparable, begin, step;
	struct best_found *turn;

	if (search->wish->callers > 1) {
		turned = turned < search->found_count ? turned : search->found_count;
		begin = search->wish->seed / 2 % turned;
		step = turned > sent ? turned / sent : 1;
		turn = arena_calloc(search->arena, turned / step, sizeof(*turn));
		for (size_t i = 0; i < turned / step; i++)
			turn[i] = search->found[(begin + i * step) % turned];
		memcpy(search->found, turn, turned / step * sizeof(*turn));
	}
	if (search->found_count > sent)
		search->found_count = sent;
}

struct best_rank
best_rank_near(const struct best_search *search, uint32_t row, bool is_orphan, uint32_t off,
	       uint32_t first)
{
	const uint32_t section = search->plan->rows[row].section;
	/* Equal blocks stand in either order. */
	const uint32_t tie = search->wish->seed % 2 == 0 ? first : UINT32_MAX - first;

	return (struct best_rank){{section, row + (is_orphan ? ROWS_BACK : 0), row, off, tie, 0}};
}

bool
best_is_settled(const struct best_search *search, uint32_t row)
{
	const struct best_rank *worst;

	if (search->found_count < search->found_max || row + 1 == search->plan->row_count)
		return false;
	worst = &search->found[search->found_count - 1].rank;
	return search->plan->rows[row + 1].section > worst->parts[0] || worst->parts[1] <= row + 1;
}

/* --- one block --- */

static bool
is_orphan(const struct best_stretch *stretch, int64_t first, uint32_t count)
{
	return first - stretch->first == 1 || stretch->last - (first + count - 1) == 1;
}

/* Offsets grow evenly along a run. So the offset of a group's middle is a line over its first seat,
 * which is `numerator` / `steps`. */
struct line {
	int64_t base, slope, steps;
};

static struct line
line_of(const struct best_search *search, const struct best_stretch *stretch, uint32_t count)
{
	const struct plan_run *run = &search->plan->runs[stretch->run];
	const int64_t steps = run->seats > 1 ? 2 * ((int64_t)run->seats - 1) : 1;

	return (struct line){.base = run->offset * steps +
				     run->extent * ((int64_t)count - 1 - 2 * (int64_t)run->first),
			     .slope = 2 * (int64_t)run->extent,
			     .steps = steps};
}

static int64_t
numerator(const struct line *line, int64_t first)
{
	return llabs(line->base + line->slope * first);
}

static uint32_t
off_of(const struct line *line, int64_t first)
{
	return (uint32_t)(numerator(line, first) * 8 / line->steps);
}

struct best_place
best_place(const struct best_search *search, const struct best_stretch *stretch, uint32_t count)
{
	const struct line line = line_of(search, stretch, count);
	const int64_t low = stretch->from, high = (int64_t)stretch->to - count + 1;
	int64_t middle = line.slope == 0 ? low : -line.base / line.slope, best = -1;
	bool is_best_orphan = false;

	middle = middle < low ? low : middle > high ? high : middle;
	for (int64_t first = middle - PLACES; first <= middle + PLACES; first++) {
		const bool is_alone = is_orphan(stretch, first, count);
		int64_t nearer;

		if (first < low || first > high)
			continue;
		nearer = best < 0 ? 1 : numerator(&line, best) - numerator(&line, first);
		if (best < 0 || (is_best_orphan && !is_alone) ||
		    (is_best_orphan == is_alone &&
		     (nearer > 0 || (nearer == 0 && search->wish->seed % 2 == 1)))) {
			best = first;
			is_best_orphan = is_alone;
		}
	}
	return (struct best_place){(uint32_t)best, off_of(&line, best), is_best_orphan};
}

/* The best block of a stretch, and those beside it at multiples of its length: together they leave
 * no seat between them. */
static void
offer_blocks(struct best_search *search, const struct best_stretch *stretch)
{
	const uint32_t count = (uint32_t)search->wish->count;
	const struct best_place best = best_place(search, stretch, count);
	const struct line line = line_of(search, stretch, count);
	const int64_t low = stretch->from, high = (int64_t)stretch->to - count + 1;
	const int64_t sides[] = {count, -(int64_t)count};

	for (size_t side = 0; side < 2; side++)
		for (int64_t first = best.first + (side == 0 ? 0 : sides[side]);
		     first >= low && first <= high; first += sides[side]) {
			const struct best_rank rank = best_rank_near(
				search, stretch->row, is_orphan(stretch, first, count),
				off_of(&line, first), (uint32_t)first);

			if (!best_offer(search, &rank, (uint32_t)first, 0))
				break;
		}
}

/* --- the stretches of a row --- */

static struct best_stretch *
add_stretch(struct best_search *search)
{
	if (search->count == search->capacity) {
		const size_t capacity = search->capacity == 0 ? 256 : 2 * search->capacity;
		struct best_stretch *more = arena_calloc(search->arena, capacity, sizeof(*more));

		if (search->count > 0)
			memcpy(more, search->stretches, search->count * sizeof(*more));
		search->stretches = more;
		search->capacity = capacity;
	}
	return &search->stretches[search->count++];
}

static void
end_stretch(struct best_search *search, size_t index, uint32_t last)
{
	struct best_stretch *stretch = &search->stretches[index];
	const uint32_t length = best_length(stretch);

	stretch->last = last;
	best_count(&search->free, stretch, true);
	if (length > search->longest) {
		search->second = search->longest;
		search->longest = length;
	} else if (length > search->second)
		search->second = length;
	if (length >= search->wish->count)
		offer_blocks(search, stretch);
}

static bool
is_free(const struct best_search *search, uint32_t seat)
{
	return (search->bits[seat / 4] >> (seat % 4 * 2) & 3) == 0;
}

static void
look_at_run(struct best_search *search, uint32_t row, uint32_t run_no, int grade)
{
	const struct plan_run *run = &search->plan->runs[run_no];
	const uint32_t end = run->first + run->seats;
	size_t open = search->count; /* the first stretch whose end is not known yet */
	uint32_t first = run->first; /* of the free seats in hand */

	for (uint32_t seat = run->first; seat < end; seat++) {
		if (!is_free(search, seat)) {
			for (; open < search->count; open++)
				end_stretch(search, open, seat - 1);
			first = seat + 1;
			continue;
		}
		if (grade >= 0 && search->plan->grade_of[seat] != grade)
			continue;
		if (open < search->count && search->stretches[search->count - 1].to + 1 == seat)
			search->stretches[search->count - 1].to = seat;
		else
			*add_stretch(search) = (struct best_stretch){.row = row,
								     .run = run_no,
								     .first = first,
								     .from = seat,
								     .to = seat};
	}
	for (; open < search->count; open++)
		end_stretch(search, open, end - 1);
	search->looks += run->seats;
}

/* --- the whole --- */

/* The index of the grade, -1 for any, -2 when the layout has no such grade. */
static int
grade_of(const struct plan *plan, const char *code)
{
	if (code == NULL)
		return -1;
	for (size_t i = 0; i < plan->grade_count; i++)
		if (strcmp(plan->grades[i], code) == 0)
			return (int)i;
	return -2;
}

/* How many of the blocks are as good as the best but for their places in the compared rows. */
static size_t
comparable(const struct best_search *search)
{
	const struct best_found *found = search->found;
	const uint32_t back = found[0].rank.parts[1] - found[0].rank.parts[2];
	size_t count = 1;

	while (count < search->found_count &&
	       found[count].rank.parts[0] == found[0].rank.parts[0] &&
	       found[count].rank.parts[1] - found[count].rank.parts[2] == back &&
	       found[count].rank.parts[2] <= found[0].rank.parts[2] + BEST_ROWS_COMPARED)
		count++;
	return count;
}

static void
put_blocks(struct best_search *search, struct best *best_r)
{
	const size_t count = search->wish->count;
	int64_t *seats;

	best_take_turns(search, comparable(search));
	seats = arena_calloc(search->arena, search->found_count * count, sizeof(*seats));
	for (size_t i = 0; i < search->found_count; i++)
		for (size_t j = 0; j < count; j++)
			seats[i * count + j] = (int64_t)search->found[i].a + (int64_t)j;
	best_r->seats = seats;
	best_r->blocks = search->found_count;
}

void
best_search(struct arena *arena, const struct plan *plan, const uint8_t *bits,
	    const struct best_wish *wish, struct best *best_r)
{
	struct best_search *search = arena_alloc(arena, sizeof(*search));
	const int grade = grade_of(plan, wish->grade);

	*best_r = (struct best){.seats = NULL};
	search->arena = arena;
	search->plan = plan;
	search->bits = bits;
	search->wish = wish;
	search->found_max = most_found(wish);
	search->found = arena_calloc(arena, search->found_max, sizeof(*search->found));
	for (uint32_t row = 0; row < plan->row_count && grade != -2; row++) {
		for (uint32_t i = 0; i < plan->rows[row].runs; i++)
			look_at_run(search, row, plan->rows[row].first_run + i, grade);
		if (best_is_settled(search, row))
			break;
	}
	if (search->found_count > 0)
		put_blocks(search, best_r);
	else if (search->free.seats >= wish->count)
		best_groups(search, best_r);
	best_r->looks = search->looks;
}
