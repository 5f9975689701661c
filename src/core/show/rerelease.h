/*
 * Delayed re-release: a show's schedule by which seats come back on sale, {every_s, at?}.
 *
 * Seats of holds that expire or are given back, and of orders that are cancelled, rest until the next
 * moment of the schedule: `at` and every `every_s` seconds from then on, counted in real seconds; from
 * the opening of sales unless `at` is given. Before `at` nothing comes back. Daily at 11 o'clock of a
 * venue is {every_s: 86400, at: <the first day>T11:00:00+09:00}. boxoffice-open-close-shows carries it
 * out until sales close.
 */
#ifndef CORE_SHOW_RERELEASE_H
#define CORE_SHOW_RERELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

#define RERELEASE_EVERY_MAX_S 2592000 /* thirty days */

struct core;
struct jout;
struct jval;

struct rerelease {
	int64_t every_s; /* 0: no schedule, seats come back at once */
	int64_t at;      /* Unix s */
	bool has_at;
};

/* The document of a request; NULL: no schedule. `sales_close_at`: `at` must be before it. Violations
 * are of the fields rerelease.every_s and rerelease.at. */
MUST_USE enum err
rerelease_read(struct core *core, const struct jval *value, int64_t sales_close_at,
	       struct rerelease *rerelease_r);

/* The member `rerelease` as the show's home keeps it: times in Unix seconds, null without schedule. */
void
rerelease_put(struct jout *out, const struct rerelease *rerelease);

#endif
