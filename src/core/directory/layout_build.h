/*
 * Layout building: turns the sections a client sends into the document that is stored and served,
 * and into the labels and grades by seat number. Pure: knows no database.
 *
 * Seats are numbered 0 … n-1 in the order of sections, rows and seats. The first row is nearest the
 * stage, seats run left to right. Coordinates that were not given are made: seats 20 apart and
 * centred on 0, rows 20 apart, 40 more between sections.
 */
#ifndef CORE_DIRECTORY_LAYOUT_BUILD_H
#define CORE_DIRECTORY_LAYOUT_BUILD_H

#include <stddef.h>

#include "base/fail.h"

struct arena;
struct jval;

#define LAYOUT_SEATS_MAX 100000
#define LAYOUT_GRADES_MAX 100
#define LAYOUT_ROW_NAME_SIZE 8

struct layout_built {
	const char *sections;      /* JSON array, as the API gives it */
	const char *const *labels; /* by seat number */
	const char *const *grades;
	size_t seats;
};

/* Every violation is recorded with its path (sections[0].rows[2].seats[1].label). Labels must differ
 * within a section. */
MUST_USE enum err
layout_build(struct arena *arena, const struct jval *sections, struct failure *failure,
	     struct layout_built *built_r);

/* Name of a row that has none: A … Z, AA … AZ, BA …; for indexes below LAYOUT_SEATS_MAX. */
void
layout_row_name(size_t index, char name_r[LAYOUT_ROW_NAME_SIZE]);

#endif
