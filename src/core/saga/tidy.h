/*
 * Tidy: removes expired data and leftovers of requests, for boxoffice-prune. Every function may be
 * called again, called by several processes at once, and killed anywhere. One call handles about
 * `limit` rows in one transaction or a few.
 *
 * A call starts after the place that the previous call has reached. So rows that it must leave
 * alone do not block the rows after them.
 */
#ifndef CORE_SAGA_TIDY_H
#define CORE_SAGA_TIDY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

struct tidy {
	int64_t limit;  /* rows per call */
	int64_t behind; /* the place that the previous call has reached; begins with 0 */
	/* Results; the caller sets them to 0 and false before the call. */
	int64_t rows;  /* rows that the call deleted or ended */
	bool has_more; /* call again */
};

/* A request that came so many seconds ago has ended or died. */
int64_t
tidy_request_age_s(const struct core *core);

/* Drafts of shows whose request died. A draft that has its hall is published, others are
 * deleted; so is a large one that was not finished before its start, with its slot. */
MUST_USE enum err
tidy_drafts(struct core *core, struct tidy *tidy);

/* Halls taken for shows that do not exist or were cancelled. */
MUST_USE enum err
tidy_slots(struct core *core, struct tidy *tidy);

/* Halls taken at two times for one show, because the request that moved the show died. */
MUST_USE enum err
tidy_moves(struct core *core, struct tidy *tidy);

/* Holds without an order that ended more than holds_keep_days ago. */
MUST_USE enum err
tidy_holds(struct core *core, struct tidy *tidy);

/* Answers stored for an Idempotency-Key for longer than a day, in the three homes. A key whose
 * request is still running is not touched. */
MUST_USE enum err
tidy_show_keys(struct core *core, struct tidy *tidy);
MUST_USE enum err
tidy_account_keys(struct core *core, struct tidy *tidy);
MUST_USE enum err
tidy_directory_keys(struct core *core, struct tidy *tidy);

/* Sessions and refresh tokens that ended more than sessions_keep_s ago, and revocations that refuse
 * no token any more. */
MUST_USE enum err
tidy_sessions(struct core *core, struct tidy *tidy);

/* Accounts that did not claim their address within a day: the sign-up was refused or died. */
MUST_USE enum err
tidy_signups(struct core *core, struct tidy *tidy);

/* Counts of failed log-ins whose window has ended. */
MUST_USE enum err
tidy_login_failures(struct core *core, struct tidy *tidy);

/* Addresses of accounts from which nobody has logged in for known_days. */
MUST_USE enum err
tidy_login_addresses(struct core *core, struct tidy *tidy);

/* The oldest day of the event log, if it is older than events_keep_days and every consumer has read
 * it. */
MUST_USE enum err
tidy_events(struct core *core, struct tidy *tidy);

#endif
