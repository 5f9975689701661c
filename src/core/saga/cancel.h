/*
 * Cancel: orders given up by their owner, and those of shows that do not take place. Each step is one
 * transaction in one home, and each may be repeated:
 *
 *	order_cancel (show)      the order is closed: tickets void, seats free, its money due
 *	wallet_refund (account)  the money goes back, once
 *	order_refunded (show)    the order is refunded; the answer is stored
 *
 * A request that ends between them leaves a row of show.refunds_due, which payment_settle() ends.
 * A show is cancelled by one row; its orders are then closed and given back by settling, whatever
 * was paid before or is paid later.
 */
#ifndef CORE_SAGA_CANCEL_H
#define CORE_SAGA_CANCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;

/* Cancels an order of the caller. `body`: the order, cancelled (was pending) or refunded. Refusals:
 * not_found, already_cancelled, payment_in_progress, order_closed, already_used, too_late. */
MUST_USE enum err
cancel_order(struct core *core, int64_t show_id, const struct uuid *order_id,
	     const struct core_key *key, bool *is_replay_r, struct buf *body);

/* How far a pass over the tickets of cancelled shows has come; begins with zeros. */
struct cancel_place {
	int64_t show_id;
	int64_t seat_no;
};

/* Closes paid orders of cancelled shows behind `place`, of some 500 seats at most, and moves it;
 * buyers who are busy are left for the next pass. `*cancelled_r` of `*found_r`: none found means that
 * the pass is over. An order that cannot be closed does not keep the others: the last such failure is
 * returned, with both counts written. */
MUST_USE enum err
cancel_orders_of_shows(struct core *core, struct cancel_place *place, size_t *found_r,
		       size_t *cancelled_r);

#endif
