/* Best: what the search for one block (best.c) and for groups (best_groups.c) share. */
#ifndef CORE_SHOW_BEST_PARTS_H
#define CORE_SHOW_BEST_PARTS_H

#include "core/plan.h"
#include "core/show/best.h"

/* Free seats side by side, and among them those wanted: without a grade they are the same. */
struct best_stretch {
	uint32_t row;
	uint32_t run;
	uint32_t first; /* seats */
	uint32_t last;
	uint32_t from; /* of the wanted ones */
	uint32_t to;
};

/* What was found, the best first: the part that comes first decides, and less is better. */
struct best_rank {
	uint32_t parts[6];
};

struct best_found {
	struct best_rank rank;
	uint32_t a; /* a block: its first seat; groups: stretches */
	uint32_t b;
};

/* Seats of some stretches. */
struct best_sum {
	uint64_t seats;
	uint64_t paired; /* in stretches of two and more */
	uint64_t threes; /* stretches of three and more */
};

struct best_search {
	struct arena *arena;
	const struct plan *plan;
	const uint8_t *bits;
	const struct best_wish *wish;
	struct best_stretch *stretches; /* in the order of the layout */
	size_t count;
	size_t capacity;
	struct best_sum free; /* wanted seats */
	uint32_t longest;     /* the two longest stretches */
	uint32_t second;
	struct best_found *found; /* the best first */
	size_t found_count;
	size_t found_max;
	size_t looks;
};

/* Where a group sits in a stretch. */
struct best_place {
	uint32_t first; /* seat */
	uint32_t off;   /* distance of its middle from that of the section, in 64ths of a step */
	bool is_orphan; /* it leaves one seat alone */
};

static inline uint32_t
best_length(const struct best_stretch *stretch)
{
	return stretch->to - stretch->from + 1;
}

static inline void
best_count(struct best_sum *sum, const struct best_stretch *stretch, bool is_added)
{
	const uint64_t length = best_length(stretch), sign = is_added ? 1 : (uint64_t)-1;

	sum->seats += sign * length;
	sum->paired += sign * (length > 1 ? length : 0);
	sum->threes += sign * (length > 2);
}

/* The place of `count` seats nearest to the middle, if possible one that leaves no seat alone. */
struct best_place
best_place(const struct best_search *search, const struct best_stretch *stretch, uint32_t count);

/* Keeps what was found if it is among the best. Returns false when it is not. */
bool
best_offer(struct best_search *search, const struct best_rank *rank, uint32_t a, uint32_t b);

bool
best_is_less(const struct best_rank *left, const struct best_rank *right);

/* Leaves in `found` those that this caller sends, in his order. The first `comparable` ones are as
 * good as the best. */
void
best_take_turns(struct best_search *search, size_t comparable);

/* The rank of seats by their farthest row. Whoever leaves a seat alone gives way to the next rows
 * of the section. */
struct best_rank
best_rank_near(const struct best_search *search, uint32_t row, bool is_orphan, uint32_t off,
	       uint32_t first);

/* Can no row behind this one have anything better than all that was found? */
bool
best_is_settled(const struct best_search *search, uint32_t row);

/* Groups of seats in the stretches of the whole hall, of which none is long enough for all. */
void
best_groups(struct best_search *search, struct best *best_r);

#endif
