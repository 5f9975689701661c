/*
 * Delayed re-release: the schedule {every_s, at?} by which seats of a show come back on sale.
 *
 * Seats rest when their hold expires or is given back, and when their order is cancelled. They rest
 * until the next moment of the schedule: `at`, and every `every_s` seconds after it, in real
 * seconds. Without `at` the schedule starts when sales open. Nothing comes back before `at`. Daily
 * at 11 o'clock at a venue is {every_s: 86400, at: <the first day>T11:00:00+09:00}.
 * boxoffice-open-close-shows carries the schedule out until sales close.
 */
#ifndef CORE_SHOW_RERELEASE_H
#define CORE_SHOW_RERELEASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

#define RERELEASE_EVERY_MAX_S 2592000 /* thirty days */
#define RERELEASE_NO_AT INT64_MIN

struct core;
struct jin_shape;
struct jout;

struct rerelease {
	int64_t every_s; /* 0: no schedule; seats come back at once */
	int64_t at;      /* Unix s, or RERELEASE_NO_AT */
};

/* Fills a struct rerelease from a request. */
extern const struct jin_shape rerelease_shape;

/* A schedule must begin before sales close; otherwise it is a violation of rerelease.at. */
MUST_USE enum err
rerelease_check(struct core *core, const struct rerelease *rerelease, int64_t sales_close_at);

/* Writes the member `rerelease` in the form of the show's home: times in Unix seconds, null without
 * a schedule. */
void
rerelease_put(struct jout *out, const struct rerelease *rerelease);

/* Puts seats back on sale in shows whose schedule is due, for `limit` shows and 500 seats at most.
 * `*found_r` shows were due; `*shows_r` of them got `*seats_r` seats back on sale. Remaining seats
 * are busy or exceed the limits. */
MUST_USE enum err
rerelease_seats(struct core *core, int64_t limit, size_t *found_r, int64_t *shows_r,
		int64_t *seats_r);

#endif
