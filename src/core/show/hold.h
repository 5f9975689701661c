/* Hold: seats kept for one buyer for a while. The database alone decides who has a seat. */
#ifndef CORE_SHOW_HOLD_H
#define CORE_SHOW_HOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;
struct jin_i64s;
struct outcome;
struct plan;

/* A hold of a show, and the user who asks for it. To anybody but its owner it is not found. */
struct hold_id {
	int64_t show_id;
	struct uuid hold_id;
	struct uuid user_id;
};

/* Takes all of `seats` or none for the user of `key`. *status_r is 201, or 200 when the buyer
 * already has a live hold with exactly these seats. Refusals: not_found, not_on_sale,
 * validation_failed (a seat that the hall does not have), seat_limit, seats_taken.
 *
 * The number of the hold is that of the request. So the same key finds the hold that it took, as it
 * is now (200). Refusals: idempotency_mismatch (other seats), hold_expired (not live any more).
 *
 * `replaces`: a live hold of the buyer in this show ends in the same step; NULL: none. Its seats
 * may be among the new ones, and its hard maximum stays. Refusals: not_found, hold_expired,
 * hold_paying, order_closed (it has an order). */
MUST_USE enum err
hold_take(struct core *core, int64_t show_id, const struct core_key *key,
	  const struct jin_i64s *seats, const struct uuid *replaces, int *status_r,
	  struct buf *body);

/* Whole seconds until then by the database's clock; 0 when it is over. */
int64_t
hold_seconds_left(int64_t expires_at);

/* The best free seats that somebody wants. */
struct hold_wish {
	int64_t show_id;
	const struct core_key *key; /* who, and the hold's id */
	int64_t count;
	const char *grade; /* NULL: any */
};

/* Takes the best of the seats that are free (best.h), which the show's plan tells. It always makes
 * a new hold. Refusals: not_found, not_on_sale, validation_failed (best.grade), seat_limit,
 * not_enough_seats; seats_taken when others took HOLD_BEST_CALLS times what it wanted, or all that
 * there was. */
#define HOLD_BEST_CALLS 3
MUST_USE enum err
hold_take_best(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	       int *status_r, struct buf *body);

MUST_USE enum err
hold_read(struct core *core, const struct hold_id *id, struct buf *body);

/* `body`: {items}, the live holds of a user in a show, oldest first. Their number is bounded by the
 * seats that a buyer may have. Refusal: not_found (no such show). */
MUST_USE enum err
hold_list(struct core *core, int64_t show_id, const struct uuid *user_id, struct buf *body);

MUST_USE enum err
hold_extend(struct core *core, const struct hold_id *id, struct buf *body);

MUST_USE enum err
hold_release(struct core *core, const struct hold_id *id);

/* outcome_check() for a function that takes `seats` of a show. Seats that the hall does not have
 * become violations at their places in the request. */
MUST_USE enum err
hold_check_seats(struct core *core, struct outcome *outcome, const struct jin_i64s *seats);

/* Renders the hold for clients from its document (show.hold_doc). */
void
hold_render(const char *hold, struct buf *body);

#endif
