/*
 * Layout building: turns the sections that a client sends into the document that is stored and
 * served, and into labels and grades by seat number. Pure: it knows no database.
 *
 * Seats are numbered 0 … n-1 in the order of sections, rows and seats. The first row is nearest to
 * the stage, and seats run from left to right. Coordinates that were not given are computed: seats
 * are 20 apart and centred on 0, rows are 20 apart, and sections are 40 further apart.
 */
#ifndef CORE_DIRECTORY_LAYOUT_BUILD_H
#define CORE_DIRECTORY_LAYOUT_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "json/jin.h"

struct arena;

#define LAYOUT_SEATS_MAX 100000
#define LAYOUT_GRADES_MAX 100
#define LAYOUT_ROW_NAME_SIZE 8

/* --- what a client sends --- */

#define LAYOUT_NO_COORDINATE INT64_MIN

struct layout_seat {
	const char *label;
	const char *grade; /* NULL: the grade of the section */
	int64_t x;         /* or LAYOUT_NO_COORDINATE; the same for y */
	int64_t y;
};

struct layout_row {
	const char *name;
	struct jin_objects seats; /* struct layout_seat */
};

struct layout_section {
	const char *name;
	const char *grade;
	struct jin_objects rows; /* struct layout_row; the short form has instead: */
	int64_t row_count;
	int64_t seats_per_row;
};

struct layout_new {
	int64_t hall_id;
	struct jin_objects sections; /* struct layout_section */
};

/* Fills a struct layout_new. */
extern const struct jin_shape layout_shape;

/* --- the result --- */

struct layout_built {
	const char *sections;      /* JSON array in the form of the API */
	const char *const *labels; /* by seat number */
	const char *const *grades;
	const char *const *section_names;
	const char *const *row_names;
	size_t seats;
	struct buf plan; /* core/plan.h */
};

/* Checks the rules that a shape cannot express: seats_per_row goes with the short form only, no two
 * seats look the same (layout_check.h), and the numbers of seats and grades are bounded. Violations
 * are recorded with their paths (sections[0].rows[2].seats[1].label). */
MUST_USE enum err
layout_build(struct arena *arena, const struct jin_objects *sections, struct failure *failure,
	     struct layout_built *built_r);

/* Appends the plan of a layout that was built before plans were kept, from its document. */
void
layout_build_plan(struct arena *arena, const struct jval *sections, struct buf *plan);

/* The name of a row that has none: A … Z, AA … AZ, BA …. `index` is below LAYOUT_SEATS_MAX. */
void
layout_build_row_name(size_t index, char name_r[LAYOUT_ROW_NAME_SIZE]);

#endif
