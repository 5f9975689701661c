/*
 * Cancel: orders that their owners give up, and orders of shows that do not take place. Each step
 * is one transaction in one home, and each may be repeated:
 *
 *	order_cancel (show)      closes the order: tickets void, seats free, its money due
 *	wallet_refund (account)  gives the money back, once
 *	order_refunded (show)    marks the order refunded and stores the answer
 *
 * A request that ends between two steps leaves a row of show.refunds_due. payment_settle()
 * completes it. Cancelling a show changes one row. Settling then closes its paid orders and gives
 * the money back, whether they were paid before that or later. core/show/sweep.h ends the others.
 */
#ifndef CORE_SAGA_ORDER_CANCEL_H
#define CORE_SAGA_ORDER_CANCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;

/* Cancels an order of the caller. `body`: the order, now cancelled (was pending) or refunded.
 * Refusals: not_found, already_cancelled, payment_in_progress, order_closed, already_used,
 * too_late. */
MUST_USE enum err
order_cancel(struct core *core, int64_t show_id, const struct uuid *order_id,
	     const struct core_key *key, bool *is_replay_r, struct buf *body);

/* The position of a pass over the tickets of cancelled shows. It begins with zeros. */
struct order_cancel_place {
	int64_t show_id;
	int64_t seat_no;
};

/* Closes paid orders of cancelled shows after `place`, for about 500 seats at most, and moves
 * `place`. It leaves busy buyers to the next pass. `*found_r` counts the orders that it found,
 * `*cancelled_r` those that it closed. When it finds none, the pass is over. An order that cannot
 * be closed does not stop the others: the function returns the last such failure and still writes
 * both counts. */
MUST_USE enum err
order_cancel_of_shows(struct core *core, struct order_cancel_place *place, size_t *found_r,
		      size_t *cancelled_r);

#endif
