/*
 * Best: which free seats are the best. Pure: it works on the plan of a layout and the states of the
 * seats, knows no database and decides nothing. show.hold_take_first takes the first block that is
 * still free.
 *
 * In this order:
 *   1. Seats side by side come first. The nearest row is the first of the layout, whatever its
 *      drawing says.
 *   2. In a row, those nearest to the middle of the section.
 *   3. A block that leaves one free seat alone gives way to one of the same section that leaves
 *      none, in its row or one of the next BEST_ROWS_COMPARED. It never gives way to another
 *      section.
 *   4. Without such a block: two groups in one row or in adjacent rows, then two groups as near to
 *      each other as possible, then more groups in as few rows as possible. Nobody sits alone while
 *      that can be avoided, and otherwise as few as possible.
 * There is a block whenever as many seats are free as are wanted.
 *
 * Many callers of one moment see the same seats. The best blocks will be theirs in any case, so
 * each begins at a random one of a quarter more than there are callers (of 16 more, when they are
 * more than a few), or of those that are comparable with the best: of its section, in its row or
 * one of the next BEST_ROWS_COMPARED. Who is alone begins at the best.
 */
#ifndef CORE_SHOW_BEST_H
#define CORE_SHOW_BEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct plan;

#define BEST_BLOCKS_MAX 64    /* of one search */
#define BEST_FOUND_MIN 256    /* among which some callers choose theirs at least */
#define BEST_FOUND_MAX 1024   /* among which any number of callers choose theirs */
#define BEST_SEATS_MAX 500    /* in all blocks, because each seat may take a lock */
#define BEST_ROWS_COMPARED 2  /* behind a row that would leave a seat alone */
#define BEST_LOOKS_PER_SEAT 4 /* no search takes more, in any hall */

struct best_wish {
	size_t count;      /* 1 … BEST_SEATS_MAX */
	const char *grade; /* NULL: any */
	uint32_t seed;     /* chooses among equal blocks */
	size_t blocks;     /* at most so many; 0: BEST_BLOCKS_MAX */
	uint32_t callers;  /* of this moment, this one included; 0, 1: nobody else */
};

struct best {
	const int64_t
		*seats; /* block after block, `count` ascending numbers each; the best first */
	size_t blocks;  /* no seat is in two of them */
	size_t looks;   /* at seats and stretches of seats */
};

/* `bits` are the states of all seats (base/seatbits.h), of which 0 is free. */
void
best_search(struct arena *arena, const struct plan *plan, const uint8_t *bits,
	    const struct best_wish *wish, struct best *best_r);

#endif
