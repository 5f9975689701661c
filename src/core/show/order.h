/* Order: a hold is paid through its order. A hold has one order. The codes of its tickets are
 * computed when it is read. */
#ifndef CORE_SHOW_ORDER_H
#define CORE_SHOW_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;
struct db_rows;
struct export;
struct jout;
struct jval;
struct list;

/* The answer to a write under an Idempotency-Key. */
struct order_answer {
	int status;
	bool is_replay; /* true: the first answer, given again */
};

/* Makes the order of a live hold of the caller. The status is 201; it is 200 with the same order
 * when the hold has one already, or for a replay the status of the first answer. */
MUST_USE enum err
order_create(struct core *core, int64_t show_id, const struct uuid *hold_id,
	     const struct core_key *key, struct order_answer *answer_r, struct buf *body);

MUST_USE enum err
order_read(struct core *core, int64_t show_id, const struct uuid *order_id,
	   const struct uuid *user_id, struct buf *body);

/* Orders of a show, newest first, each with the `user_id` of its owner and without the codes of its
 * tickets. `state` NULL: any state. For staff. Refusal: not_found. */
MUST_USE enum err
order_list_of_show(struct core *core, int64_t show_id, const char *state, const struct list *list,
		   struct buf *body);

/* Renders the order for clients from its document, with the members of the contract and no
 * others. */
void
order_render(struct core *core, struct jout *out, const struct jval *order);

/* Renders a page of `rows` with order_doc, created_us and order_id; the last two are the list's
 * key. `has_owner` adds the owner of each order, and leaves out the codes. */
MUST_USE enum err
order_render_list(struct core *core, const struct db_rows *rows, const struct list *list,
		  bool has_owner, struct buf *body);

/* Renders {payment, order}, the answer to a payment. */
void
order_render_paid(struct core *core, struct jout *out, const struct jval *result);

/* Begins an export of orders with their newest payment. `show` is the id of a show in digits; NULL:
 * all shows. */
void
order_export(struct export *export, const char *show);

#endif
