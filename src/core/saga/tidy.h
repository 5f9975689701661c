/*
 * Tidy: what is over and what requests leave behind, for boxoffice-prune. Each may be called again, by
 * several at once, and ended anywhere; each call handles some `limit` rows in a transaction or a few.
 *
 * A call goes on behind the place that the one before has come to, so that what it must leave alone
 * keeps nothing behind it waiting.
 */
#ifndef CORE_SAGA_TIDY_H
#define CORE_SAGA_TIDY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

struct tidy {
	int64_t limit;  /* rows in a call */
	int64_t behind; /* where the call before has come to; begins with 0 */
	/* Set by a call, and before it to 0 and false: */
	int64_t rows;  /* deleted or ended by it */
	bool has_more; /* call again */
};

/* Drafts of shows whose request died: one that has its hall is published, the others are deleted. */
MUST_USE enum err
tidy_drafts(struct core *core, struct tidy *tidy);

/* Halls taken for shows that there are not or that were cancelled. */
MUST_USE enum err
tidy_slots(struct core *core, struct tidy *tidy);

/* Halls taken for another time of shows that moved, or did not, when the request died. */
MUST_USE enum err
tidy_moves(struct core *core, struct tidy *tidy);

/* Answers kept for an Idempotency-Key for longer than a day, in the home of shows and in that of
 * accounts. A key that is still running is not touched. */
MUST_USE enum err
tidy_show_keys(struct core *core, struct tidy *tidy);
MUST_USE enum err
tidy_account_keys(struct core *core, struct tidy *tidy);

/* Sessions and refresh tokens that were over sessions_keep_s ago, revocations that refuse nothing. */
MUST_USE enum err
tidy_sessions(struct core *core, struct tidy *tidy);

/* Accounts that did not claim their address within a day: their sign-up was refused or died. */
MUST_USE enum err
tidy_signups(struct core *core, struct tidy *tidy);

/* Counts of failed log-ins whose window is over. */
MUST_USE enum err
tidy_login_failures(struct core *core, struct tidy *tidy);

/* The oldest day of the event log, if it is older than events_keep_days and every consumer has read
 * it. */
MUST_USE enum err
tidy_events(struct core *core, struct tidy *tidy);

#endif
