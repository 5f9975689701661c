/*
 * A seat in the document of a layout that somebody saved: what GET /api/layouts/{id} answered. The
 * file may contain anything. Pure: it knows no database.
 */
#ifndef CORE_DIRECTORY_LAYOUT_SEAT_H
#define CORE_DIRECTORY_LAYOUT_SEAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct arena;

struct layout_seat_names {
	const char *section;
	const char *row;
	const char *label;
};

/* Returns ERR_INVALID when the text is no layout, ERR_NOTFOUND when the layout has no such seat. */
MUST_USE enum err
layout_seat_find(struct arena *arena, const char *text, size_t len, int64_t no,
		 struct layout_seat_names *names_r);

#endif
