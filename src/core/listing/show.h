/* Show: a date of an event in a hall, as the public sees it. Made by show_create.h. */
#ifndef CORE_LISTING_SHOW_H
#define CORE_LISTING_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct db_rows;
struct jout;

/* Through the cache; seats_left lags by the relay's round. */
MUST_USE enum err
show_read(struct core *core, int64_t show_id, struct buf *body);

/* From the primary, past the cache: right after it was made. */
MUST_USE enum err
show_read_now(struct core *core, int64_t show_id, struct buf *body);

/* An empty list may mean that there is no such show: not_found. */
MUST_USE enum err
show_check(struct core *core, int64_t show_id);

/* A row of the reads `show` (with grades) and `event_shows` (without). */
void
show_render(struct jout *out, const struct db_rows *rows, size_t row, bool has_grades);

#endif
