/* Groups of seats, where no stretch is long enough for all. Every pass goes through the stretches
 * once, so that its time grows with the hall and not with the square of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "core/show/best_parts.h"

static int
compare_seats(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* --- what becomes blocks --- */

struct blocks {
	struct best_search *search;
	int64_t *seats;
	size_t seats_count; /* of the blocks so far */
	size_t blocks;
};

static void
blocks_begin(struct blocks *blocks, struct best_search *search)
{
	const size_t most = search->found_count * search->wish->count;

	*blocks =
		(struct blocks){.search = search,
				.seats = arena_calloc(search->arena, most, sizeof(*blocks->seats))};
}

static void
put_group(struct blocks *blocks, const struct best_stretch *stretch, uint32_t count)
{
	const uint32_t first = best_place(blocks->search, stretch, count).first;

	for (uint32_t i = 0; i < count; i++)
		blocks->seats[blocks->seats_count++] = (int64_t)first + i;
}

/* After the last group of a block. */
static void
end_block(struct blocks *blocks)
{
	const size_t count = blocks->search->wish->count;

	qsort(&blocks->seats[blocks->seats_count - count], count, sizeof(*blocks->seats),
	      compare_seats);
	blocks->blocks++;
}

static void
blocks_end(const struct blocks *blocks, struct best *best_r)
{
	best_r->seats = blocks->seats;
	best_r->blocks = blocks->blocks;
}

/* How many are as near to each other as the best, and no farther than the compared rows. */
static size_t
comparable(const struct best_search *search)
{
	const struct best_found *found = search->found;
	size_t count = 1;

	while (count < search->found_count &&
	       found[count].rank.parts[0] == found[0].rank.parts[0] &&
	       found[count].rank.parts[1] == found[0].rank.parts[1] &&
	       found[count].rank.parts[2] <= found[0].rank.parts[2] + BEST_ROWS_COMPARED)
		count++;
	return count;
}

/* --- two groups --- */

/* The stretches seen so far, without those that a later one outdoes: the last is the latest and the
 * shortest. So the latest of at least some length is found by halving. */
struct pairing {
	struct best_search *search;
	uint32_t least; /* seats of a group */
	uint32_t since; /* pairs of stretches before this one were offered already */
	uint32_t *seen;
	size_t seen_count;
};

static uint32_t
length_of(const struct pairing *pairing, size_t index)
{
	return best_length(&pairing->search->stretches[pairing->seen[index]]);
}

/* The latest stretch of at least `length` seats. Returns false when there is none. */
static bool
find_partner(const struct pairing *pairing, uint32_t length, uint32_t *partner_r)
{
	size_t low = 0, high = pairing->seen_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (length_of(pairing, middle) >= length)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	*partner_r = pairing->seen[low - 1];
	return true;
}

static void
add_seen(struct pairing *pairing, uint32_t index)
{
	const uint32_t length = best_length(&pairing->search->stretches[index]);

	while (pairing->seen_count > 0 && length_of(pairing, pairing->seen_count - 1) <= length)
		pairing->seen_count--;
	pairing->seen[pairing->seen_count++] = index;
}

/* How many of the seats go into the first stretch: as even as possible, but before that so that the
 * groups leave nobody alone. */
static uint32_t
split(const struct pairing *pairing, const struct best_stretch *a, const struct best_stretch *b)
{
	const int64_t count = (int64_t)pairing->search->wish->count, least = pairing->least;
	const int64_t a_length = best_length(a), b_length = best_length(b);
	const int64_t low = count - b_length > least ? count - b_length : least;
	const int64_t high = count - least < a_length ? count - least : a_length;
	const int64_t half = count / 2 < low ? low : count / 2 > high ? high : count / 2;
	int64_t best = half, best_cost = INT64_MAX;

	for (int64_t k = half - 2; k <= half + 2; k++) {
		const int64_t orphans = (a_length - k == 1) + (b_length - (count - k) == 1);
		const int64_t cost = 4 * count * orphans + llabs(2 * k - count);

		if (k >= low && k <= high && cost < best_cost) {
			best = k;
			best_cost = cost;
		}
	}
	return (uint32_t)best;
}

static void
offer_pair(struct pairing *pairing, uint32_t a, uint32_t b, bool is_near)
{
	struct best_search *search = pairing->search;
	const struct best_stretch *left = &search->stretches[a], *right = &search->stretches[b];
	const uint32_t k = split(pairing, left, right);
	const struct best_place one = best_place(search, left, k);
	const struct best_place two = best_place(search, right, (uint32_t)search->wish->count - k);
	const uint32_t row = left->row > right->row ? left->row : right->row;
	const struct plan_row *rows = search->plan->rows;
	struct best_rank rank = best_rank_near(search, row, one.is_orphan || two.is_orphan,
					       one.off / 2 + two.off / 2, one.first);

	if (!is_near)
		rank = (struct best_rank){{rows[left->row].section != rows[right->row].section,
					   row - (left->row < right->row ? left->row : right->row),
					   rank.parts[1], rank.parts[2], rank.parts[3],
					   rank.parts[4]}};
	(void)best_offer(search, &rank, a, b);
}

/* Pairs the stretch with the latest that is long enough, and lets later ones find it. */
static void
visit(struct pairing *pairing, uint32_t index, bool is_near)
{
	const uint32_t count = (uint32_t)pairing->search->wish->count;
	const uint32_t length = best_length(&pairing->search->stretches[index]);
	const uint32_t most = count - pairing->least;
	uint32_t partner;

	pairing->search->looks++;
	if (length < pairing->least)
		return;
	if (find_partner(pairing, count - (length < most ? length : most), &partner) &&
	    (index >= pairing->since || partner >= pairing->since))
		offer_pair(pairing, partner, index, is_near);
	add_seen(pairing, index);
}

static int64_t
offset_of(const struct best_search *search, uint32_t index)
{
	const struct best_stretch *stretch = &search->stretches[index];
	const struct plan_run *run = &search->plan->runs[stretch->run];
	const int64_t steps = run->seats > 1 ? run->seats - 1 : 1;

	return run->offset + run->extent * (int64_t)(stretch->from - run->first) / steps;
}

/* Goes through two neighbouring rows from one side to the other, so that the latest stretch is the
 * nearest to the side. */
static void
visit_rows(struct pairing *pairing, uint32_t before, uint32_t first, uint32_t end)
{
	const struct best_search *search = pairing->search;
	uint32_t front = before, back = first;

	pairing->seen_count = 0;
	pairing->since = first;
	while (front < first || back < end)
		if (back == end ||
		    (front < first && offset_of(search, front) <= offset_of(search, back)))
			visit(pairing, front++, true);
		else
			visit(pairing, back++, true);
}

static void
pair_near(struct pairing *pairing)
{
	struct best_search *search = pairing->search;
	const struct best_stretch *stretches = search->stretches;
	uint32_t before = 0, first = 0, end;

	for (; first < search->count; before = first, first = end) {
		const uint32_t row = stretches[first].row;

		end = first + 1;
		while (end < search->count && stretches[end].row == row)
			end++;
		if (row == 0 || stretches[before].row + 1 < row ||
		    search->plan->rows[row - 1].section != search->plan->rows[row].section)
			before = first;
		visit_rows(pairing, before, first, end);
		if (best_is_settled(search, row))
			break;
	}
}

/* Leaves of pairs that share a stretch the best. */
static void
keep_apart(struct best_search *search)
{
	uint8_t *is_used = arena_alloc(search->arena, search->count);
	struct best_found *found = search->found;
	size_t kept = 0;

	for (size_t i = 0; i < search->found_count; i++)
		if (!is_used[found[i].a] && !is_used[found[i].b]) {
			is_used[found[i].a] = is_used[found[i].b] = 1;
			found[kept++] = found[i];
		}
	search->found_count = kept;
}

static void
put_pairs(struct pairing *pairing, struct best *best_r)
{
	struct best_search *search = pairing->search;
	struct blocks blocks;

	keep_apart(search);
	best_take_turns(search, comparable(search));
	blocks_begin(&blocks, search);
	for (size_t i = 0; i < search->found_count; i++) {
		const struct best_stretch *one = &search->stretches[search->found[i].a],
					  *two = &search->stretches[search->found[i].b];
		const uint32_t k = split(pairing, one, two);

		put_group(&blocks, one, k);
		put_group(&blocks, two, (uint32_t)search->wish->count - k);
		end_block(&blocks);
	}
	blocks_end(&blocks, best_r);
}

/* Two groups of at least so many seats. Returns false when there are none. */
static bool
pairs(struct best_search *search, uint32_t least, struct best *best_r)
{
	const uint32_t most = (uint32_t)search->wish->count - least;
	const uint32_t longest = search->longest < most ? search->longest : most;
	const uint32_t second = search->second < most ? search->second : most;
	struct pairing pairing = {.search = search, .least = least};

	if (second < least || longest + second < search->wish->count)
		return false;
	pairing.seen = arena_calloc(search->arena, search->count, sizeof(*pairing.seen));
	pair_near(&pairing);
	if (search->found_count == 0) {
		pairing.seen_count = pairing.since = 0;
		for (uint32_t i = 0; i < search->count; i++)
			visit(&pairing, i, false);
	}
	put_pairs(&pairing, best_r);
	return true;
}

/* --- more groups --- */

static bool
is_enough(struct best_sum sum, const struct best_sum *needed)
{
	return sum.seats >= needed->seats && sum.paired >= needed->paired &&
	       sum.threes >= needed->threes;
}

static struct best_sum
without(struct best_sum sum, const struct best_stretch *stretch)
{
	best_count(&sum, stretch, false);
	return sum;
}

/* What a window must have so that nobody sits alone, or as few as possible. */
static struct best_sum
needed_of(const struct best_search *search)
{
	const struct best_sum *all = &search->free;
	const uint64_t count = search->wish->count;
	const bool can_pair = all->paired >= count;

	return (struct best_sum){.seats = count,
				 .paired = can_pair ? count : all->paired,
				 .threes = can_pair && count % 2 == 1 && all->threes > 0};
}

/* Drops the stretches of one seat. */
static void
drop_single(struct best_search *search)
{
	size_t kept = 0;

	search->looks += search->count;
	for (size_t i = 0; i < search->count; i++)
		if (best_length(&search->stretches[i]) > 1)
			search->stretches[kept++] = search->stretches[i];
	search->count = kept;
}

/* Windows that share a stretch would go to the same caller, so the better one goes on. */
static void
offer_window(struct best_search *search, struct best_found *best, const struct best_found *next)
{
	if (next->a > best->b)
		(void)best_offer(search, &best->rank, best->a, best->b);
	if (next->a > best->b || best_is_less(&next->rank, &best->rank))
		*best = *next;
}

/* Of the shortest windows of stretches that end with each of them, those that share none. */
static void
offer_windows(struct best_search *search, const struct best_sum *needed)
{
	const struct plan_row *rows = search->plan->rows;
	const struct best_stretch *stretches = search->stretches;
	struct best_found best = {.b = UINT32_MAX, .rank.parts[0] = UINT32_MAX};
	struct best_sum sum = {.seats = 0};
	uint32_t first = 0;

	for (uint32_t last = 0; last < search->count; last++) {
		struct best_found next;

		best_count(&sum, &stretches[last], true);
		search->looks++;
		if (!is_enough(sum, needed))
			continue;
		while (is_enough(without(sum, &stretches[first]), needed)) {
			sum = without(sum, &stretches[first++]);
			search->looks++;
		}
		next = (struct best_found){
			.rank = {{rows[stretches[last].row].section -
					  rows[stretches[first].row].section,
				  stretches[last].row - stretches[first].row, stretches[last].row,
				  stretches[last].to - stretches[first].from, last, 0}},
			.a = first,
			.b = last};
		offer_window(search, &best, &next);
	}
	if (best.b != UINT32_MAX)
		(void)best_offer(search, &best.rank, best.a, best.b);
}

/* How many stretches of each length a window gives, the longest first; longer ones than all seats
 * wanted do not exist. */
struct quota {
	uint32_t of[BEST_SEATS_MAX + 1];
	uint32_t least; /* the shortest that gives seats */
	uint32_t rest;  /* seats that the last of those gives */
	bool is_shared; /* a longer one gives up a seat, so that nobody sits alone in the last */
};

static void
share_out(struct best_search *search, uint32_t first, uint32_t last, struct quota *quota_r)
{
	uint32_t left = (uint32_t)search->wish->count;
	struct quota have = {.least = 0};
	uint32_t givers = 0; /* but for the last */

	memset(quota_r, 0, sizeof(*quota_r));
	for (uint32_t i = first; i <= last; i++)
		have.of[best_length(&search->stretches[i])]++;
	search->looks += last - first + 1;
	for (uint32_t length = search->longest; length > 0 && left > 0; length--) {
		const uint32_t wanted = (left + length - 1) / length;
		const uint32_t taken = wanted < have.of[length] ? wanted : have.of[length];

		if (taken == 0)
			continue;
		quota_r->of[length] = taken;
		quota_r->least = length;
		quota_r->rest = left < taken * length ? left - (taken - 1) * length : length;
		left -= left < taken * length ? left : taken * length;
	}
	for (uint32_t length = 3; length <= search->longest; length++)
		givers += quota_r->of[length];
	givers -= quota_r->least > 2;
	quota_r->is_shared = quota_r->rest == 1 && quota_r->least > 1 && givers > 0;
	if (quota_r->is_shared)
		quota_r->rest = 2;
}

static void
put_window(struct blocks *blocks, uint32_t first, uint32_t last)
{
	struct best_search *search = blocks->search;
	struct quota quota;

	share_out(search, first, last, &quota);
	for (uint32_t i = first; i <= last; i++) {
		const struct best_stretch *stretch = &search->stretches[i];
		const uint32_t length = best_length(stretch);
		uint32_t count = length;

		if (quota.of[length] == 0)
			continue;
		if (--quota.of[length] == 0 && length == quota.least)
			count = quota.rest;
		else if (quota.is_shared && length > 2) {
			count--;
			quota.is_shared = false;
		}
		put_group(blocks, stretch, count);
	}
	search->looks += last - first + 1;
	end_block(blocks);
}

static void
more_groups(struct best_search *search, struct best *best_r)
{
	const struct best_sum needed = needed_of(search);
	struct blocks blocks;

	if (search->free.paired >= search->wish->count)
		drop_single(search);
	offer_windows(search, &needed);
	best_take_turns(search, comparable(search));
	blocks_begin(&blocks, search);
	for (size_t i = 0; i < search->found_count; i++)
		put_window(&blocks, search->found[i].a, search->found[i].b);
	blocks_end(&blocks, best_r);
}

/* --- the whole --- */

void
best_groups(struct best_search *search, struct best *best_r)
{
	const size_t count = search->wish->count;
	const struct best_sum all = search->free;
	const bool can_pair = all.paired >= count && (count % 2 == 0 || all.threes > 0);

	if (pairs(search, count > 3 ? 2 : 1, best_r))
		return;
	if (!can_pair && count > 3 && pairs(search, 1, best_r))
		return;
	more_groups(search, best_r);
}
