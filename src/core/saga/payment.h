/*
 * Payment: the saga that turns a pending order into a paid one. Each step is one transaction in one
 * home, and each may be repeated:
 *
 *	payment_begin (show)     keeps the seats and marks the order paying
 *	wallet_debit (account)   decides: the first writer makes the ledger row a debit or a void
 *	order_confirm (show)     sells the seats and issues the tickets
 *
 * A step whose outcome is unknown ends the request with 503 and leaves the payment started.
 * Settling continues from there: it writes a void, or goes on to confirm if the debit came first.
 * Money goes back only after the show's home has closed the order, so that a late confirm is
 * refused.
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

/* A payment that a request left unfinished. */
struct payment_row {
	int64_t show_id;
	struct uuid order_id;
	struct uuid payment_id;
	struct uuid user_id;
	int64_t amount_minor;
	size_t seats;
	bool is_wallet;      /* false: this installation cannot settle it */
	bool is_only_refund; /* charged, but its order is closed: only a refund is due */
	int64_t tries;       /* number of failed tries to settle it */
};

/* The position of a pass over unfinished payments. It begins with zeros. */
struct payment_place {
	char since[64]; /* as the database writes it; empty: from the beginning */
	struct uuid payment_id;
};

/* Returns up to `limit` payments to settle after `place`, oldest first, and moves `place`. A
 * payment qualifies when it is unfinished for `age_s` seconds or charged for a closed order.
 * Payments that failed `tries` times are left to an operator. The rows live as long as the
 * arena. */
MUST_USE enum err
payment_unfinished(struct core *core, int64_t age_s, int64_t limit, int64_t tries,
		   struct payment_place *place, const struct payment_row **rows_r, size_t *count_r);

/* Counts a failure of settling a payment that has failed `tries` times before. `error` NULL: the
 * payment is settled or may be tried afresh. */
MUST_USE enum err
payment_tried(struct core *core, int64_t show_id, const struct uuid *payment_id, const char *error,
	      int64_t tries);

/* A payment that settling has given up. */
struct payment_stuck {
	int64_t show_id;
	struct uuid payment_id;
	struct uuid order_id;
	int64_t tries;
	const char *error;
};

/* Payments that failed `tries` times, the oldest failure first. */
MUST_USE enum err
payment_stuck(struct core *core, int64_t tries, const struct payment_stuck **rows_r,
	      size_t *count_r);

/* Gives the money of a closed order back and records the refund; may be repeated. Of `row` it reads
 * the ids and the amount. `result`: {payment, order} as documents. */
MUST_USE enum err
payment_refund(struct core *core, const struct payment_row *row, const struct jval **result_r);

enum payment_end {
	PAYMENT_APPROVED, /* the order is paid */
	PAYMENT_VOIDED,   /* never debited and never will be; the order is pending again */
	PAYMENT_REFUNDED, /* the order is closed and the money is back */
	PAYMENT_END_MAX
};

/* "approved", "voided", "refunded". */
const char *
payment_end_name(enum payment_end end);

/* Ends the payment, whatever steps were done before. It is safe beside the request itself and
 * beside another settler. */
MUST_USE enum err
payment_settle(struct core *core, const struct payment_row *row, enum payment_end *end_r);

#endif
