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

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

#define RERELEASE_EVERY_MAX_S 2592000 /* thirty days */
#define RERELEASE_NO_AT INT64_MIN

struct core;
struct jin_shape;
struct jout;

struct rerelease {
	int64_t every_s; /* 0: no schedule, seats come back at once */
	int64_t at;      /* Unix s, or RERELEASE_NO_AT */
};

/* Fills a struct rerelease from a request. */
extern const struct jin_shape rerelease_shape;

/* A schedule begins before sales close, or a violation of rerelease.at. */
MUST_USE enum err
rerelease_check(struct core *core, const struct rerelease *rerelease, int64_t sales_close_at);

/* The member `rerelease` as the show's home keeps it: times in Unix seconds, null without schedule. */
void
rerelease_put(struct jout *out, const struct rerelease *rerelease);

/* Puts seats back on sale of shows whose schedule says so, `limit` shows at most, and 500 seats. `*found_r`
 * shows were due, `*shows_r` had `*seats_r` seats put back: what is left is busy, or more than fits. */
MUST_USE enum err
rerelease_seats(struct core *core, int64_t limit, size_t *found_r, int64_t *shows_r,
		int64_t *seats_r);

#endif
