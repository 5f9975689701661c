#include "config.h"

#include "core/saga/order_cancel.h"

#include <string.h>

#include "base/arena.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/saga/payment.h"
#include "core/show/order.h"
#include "core/show/show.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

/* The order is closed. Its money is still due. */
static enum err
give_back(struct core *core, int64_t show_id, const struct uuid *order_id,
	  const struct uuid *user_id, const struct jval *closed, const struct jval **order_r)
{
	struct payment_row row = {.show_id = show_id,
				  .order_id = *order_id,
				  .user_id = *user_id,
				  .amount_minor = jin_get_i64(closed, "amount")};
	const char *id = jin_get_text(closed, "payment_id");
	const struct jval *result;
	enum err err;

	if (!uuid_parse(id, strlen(id), &row.payment_id))
		return fail_log(core->failure, CODE_INTERNAL, "a payment without its id");
	err = payment_refund(core, &row, &result);
	if (err == ERR_OK)
		*order_r = jin_get(result, "order");
	return err;
}

enum err
order_cancel(struct core *core, int64_t show_id, const struct uuid *order_id,
	     const struct core_key *key, bool *is_replay_r, struct buf *body)
{
	const struct jval *order;
	struct outcome outcome;
	struct uuid request_id;
	struct jout out;
	enum err err;

	uuid_new(&request_id);
	err = call_show_order_cancel(core, show_id, order_id, &request_id,
				     core->config->booking_cancel_before_s, key, &outcome);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is(&outcome, "replay");
	order = outcome_answer(&outcome).body;
	if (jin_get(order, "payment_id") != NULL) {
		err = give_back(core, show_id, order_id, &key->user_id, order, &order);
		if (err != ERR_OK)
			return err;
	}
	jout_init(&out, body);
	order_render(core, &out, order);
	return ERR_OK;
}

/* --- settling --- */

static enum err
close_orders(struct core *core, const int64_t *shows, const struct uuid *orders, size_t count,
	     size_t *cancelled)
{
	struct outcome outcome;
	enum err err = call_show_orders_cancel(core, shows, count, orders, count, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err == ERR_OK)
		*cancelled += (size_t)jin_get_i64(outcome_result(&outcome), "cancelled");
	return err;
}

enum err
order_cancel_of_shows(struct core *core, struct order_cancel_place *place, size_t *found_r,
		      size_t *cancelled_r)
{
	const struct db_rows *rows;
	struct uuid *orders;
	int64_t *shows;
	size_t count, cancelled = 0;
	enum err err, last = ERR_OK;

	*found_r = *cancelled_r = 0;
	err = read_show_orders_to_cancel(core, core->db, SHOW_SEATS_PER_TRANSACTION, place->show_id,
					 place->seat_no, &rows);
	if (err != ERR_OK)
		return err;
	count = db_rows_count(rows);
	shows = arena_calloc(core->arena, count + 1, sizeof(*shows));
	orders = arena_calloc(core->arena, count + 1, sizeof(*orders));
	for (size_t i = 0; i < count; i++) {
		shows[i] = db_i64(rows, i, "show_id");
		if (!db_uuid(rows, i, "order_id", &orders[i]))
			return fail_log(core->failure, CODE_INTERNAL, "an order without an id");
		*place = (struct order_cancel_place){shows[i], db_i64(rows, i, "seat_no")};
	}
	if (count > 0 && close_orders(core, shows, orders, count, &cancelled) != ERR_OK) {
		/* One order failed the call. Close each one on its own. */
		for (size_t i = 0; i < count; i++) {
			err = close_orders(core, &shows[i], &orders[i], 1, &cancelled);
			if (err != ERR_OK)
				last = err;
		}
	}
	*found_r = count;
	*cancelled_r = cancelled;
	return last;
}
