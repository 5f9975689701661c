/*
 * Layout checking: seats that nobody could tell apart. A seat is known to people by section, row
 * and label, and on a drawing by its point. Pure: it knows no database.
 */
#ifndef CORE_DIRECTORY_LAYOUT_CHECK_H
#define CORE_DIRECTORY_LAYOUT_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct failure;

/* A seat and where it stands in the request. */
struct layout_place {
	const char *label;
	const char *row_name;
	size_t section; /* index in the request; the same for row and seat */
	size_t row;
	size_t seat;
	int64_t x, y;
};

struct layout_check {
	struct arena *arena;
	struct failure *failure;
	size_t limit; /* records at most that many violations */
	const char *const *sections;
	size_t section_count;
	const struct layout_place *places;
	size_t count;
};

/* Records a violation for each section whose name an earlier section has, each seat whose row has
 * its label already, and each seat on the point of an earlier one. Returns their number. */
size_t
layout_check(const struct layout_check *check);

#endif
