/*
 * Recount: keeps the summaries of shows and events, seats left by grade and in all. Counting is reading
 * the show and may be repeated at any time.
 */
#ifndef CORE_LISTING_RECOUNT_H
#define CORE_LISTING_RECOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

/* Counts these shows and sums up their events. Sorts `show_ids`; repetitions count once. An event that
 * cannot be summed up does not keep the others; the last such failure is returned. */
MUST_USE enum err
recount_shows(struct core *core, int64_t *show_ids, size_t count);

/* Sums up events that the clock has outdated: a show opened, closed or began, and no event says so. */
MUST_USE enum err
recount_due(struct core *core);

#endif
