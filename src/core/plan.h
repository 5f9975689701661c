/*
 * Plan: what the search for the best seats needs of a layout, in few bytes. It is made once with
 * the layout and copied to each of its shows (directory.plans, show.plans). Pure.
 *
 * A run is a stretch of a row whose seats are side by side: each step from one seat to the next is
 * at most half as long again as the section's usual step, which is the median of all its steps. The
 * rows of a section say together what is usual there, because a row of two has no step of its own.
 *
 * Offsets say how far a seat is from the middle of its section, in eighths of a usual step, along
 * the direction of its rows. Drawings may have any origin and any direction. So coordinates decide
 * what is side by side and what is in the middle, but never which row is nearer: that is the order
 * of the layout.
 *
 * The bytes. A number has 7 bits a byte, the lowest first, and bit 8 where more follow. A signed
 * number n is 2n, or -2n - 1 when it is negative.
 *	version (1), seats, sections, rows, runs
 *	each section: its rows
 *	each row: its runs
 *	each run: its seats, signed offset of the first seat, and when it has more seats, signed
 *		offset of the last seat less that of the first
 *	grades
 *	each grade: length of its code, the code
 *	until all seats are named: how many seats more, their grade
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

#define PLAN_GRADES_MAX 255

/* --- making --- */

struct plan_maker;

/* For at most `seats_max` seats. */
struct plan_maker *
plan_maker_new(struct arena *arena, size_t seats_max);

/* The parts of a layout in its order. More seats than announced are left out. */
void
plan_add_section(struct plan_maker *maker);
void
plan_add_row(struct plan_maker *maker);
void
plan_add_seat(struct plan_maker *maker, int64_t x, int64_t y, const char *grade);

/* Appends the plan to `bytes`. */
void
plan_put(struct plan_maker *maker, struct buf *bytes);

/* --- reading --- */

struct plan_run {
	uint32_t first; /* seat number */
	uint32_t seats;
	int32_t offset; /* of the first seat from the middle of the section */
	int32_t extent; /* offset of the last seat less that of the first */
};

struct plan_row {
	uint32_t section;
	uint32_t first_run;
	uint32_t runs;
};

struct plan {
	size_t seats;
	const struct plan_row *rows; /* the nearest first */
	size_t row_count;
	const struct plan_run *runs;
	size_t run_count;
	const char *const *grades; /* codes */
	size_t grade_count;
	const uint8_t *grade_of; /* by seat number: index of its grade */
};

/* Reads the bytes of a plan into the arena. Returns false when they are none. */
bool
plan_read(struct arena *arena, const void *bytes, size_t len, struct plan *plan_r);

#endif
