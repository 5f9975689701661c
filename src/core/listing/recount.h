/*
 * Recount: keeps the summaries of shows and events, with the seats left by grade and in total.
 * Counting reads the show and may be repeated at any time.
 */
#ifndef CORE_LISTING_RECOUNT_H
#define CORE_LISTING_RECOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

/* Counts these shows and sums up their events. It sorts `show_ids`; repeated ids count once. An
 * event that cannot be summed up does not stop the others; the last such failure is returned. */
MUST_USE enum err
recount_shows(struct core *core, int64_t *show_ids, size_t count);

/* Sums up the events that the clock has outdated: a show opened, closed or began, and no event says
 * so. */
MUST_USE enum err
recount_due(struct core *core);

#endif
