/*
 * Payment: the saga that turns a pending order into a paid one. Each step is one transaction in one
 * home, and each may be repeated:
 *
 *	payment_begin (show)     the seats stay kept, the order is paying
 *	wallet_debit (account)   decides: the ledger row is the debit, or the void of whoever came first
 *	order_confirm (show)     seats sold, tickets issued
 *
 * A step whose outcome is not known ends the request with 503 and leaves the payment started;
 * settling takes it from there: it voids, and where the debit came first goes on to confirm. Money
 * goes back only after the show's home has closed the order, so that a late confirm is refused.
 */
#ifndef CORE_SAGA_PAYMENT_H
#define CORE_SAGA_PAYMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;
struct jval;

/* Pays an order of the caller; `method` is "wallet" (a card is not offered: validation_failed).
 * `body`: {payment, order}. Refusals: not_found, already_paid, payment_in_progress, order_closed,
 * hold_expired, currency_mismatch, insufficient_balance (the hold is active again). */
MUST_USE enum err
payment_pay(struct core *core, int64_t show_id, const struct uuid *order_id, const char *method,
	    const struct core_key *key, bool *is_replay_r, struct buf *body);

/* A payment that a request left behind. */
struct payment_row {
	int64_t show_id;
	struct uuid order_id;
	struct uuid payment_id;
	struct uuid user_id;
	int64_t amount_minor;
	size_t seats;
	bool is_wallet;      /* else nobody here can settle it */
	bool is_only_refund; /* charged, and its order is closed: the money must go back */
	int64_t tries;       /* that settling has failed with */
};

/* How far a pass over unfinished payments has come; begins with zeros. */
struct payment_place {
	char since[64]; /* as the database writes it; empty: at the beginning */
	struct uuid payment_id;
};

/* Up to `limit` payments to settle behind `place`, which moves, oldest first: unfinished for `age_s`
 * seconds, or charged for an order that is closed; those that failed `tries` times are left to an
 * operator. The rows live as long as the arena. */
MUST_USE enum err
payment_unfinished(struct core *core, int64_t age_s, int64_t limit, int64_t tries,
		   struct payment_place *place, const struct payment_row **rows_r, size_t *count_r);

/* Counts a failure of settling; `error` NULL: it is settled, or may be tried anew. */
MUST_USE enum err
payment_tried(struct core *core, int64_t show_id, const struct uuid *payment_id, const char *error);

/* A payment that settling has given up. */
struct payment_stuck {
	int64_t show_id;
	struct uuid payment_id;
	struct uuid order_id;
	int64_t tries;
	const char *error;
};

/* Those that failed `tries` times, the oldest failure first. */
MUST_USE enum err
payment_stuck(struct core *core, int64_t tries, const struct payment_stuck **rows_r,
	      size_t *count_r);

/* Gives the money of a closed order back and writes that down; may be repeated. Reads ids and
 * amount of the row. `result`: {payment, order} as documents. */
MUST_USE enum err
payment_refund(struct core *core, const struct payment_row *row, const struct jval **result_r);

enum payment_end {
	PAYMENT_APPROVED, /* the order is paid */
	PAYMENT_VOIDED,   /* never debited, never will be; the order is pending again */
	PAYMENT_REFUNDED, /* the order is closed, the money is back */
	PAYMENT_END_MAX
};

/* "approved", "voided", "refunded". */
const char *
payment_end_name(enum payment_end end);

/* Ends it, whatever was done already; safe beside the request itself and beside another settler. */
MUST_USE enum err
payment_settle(struct core *core, const struct payment_row *row, enum payment_end *end_r);

#endif
