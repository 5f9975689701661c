#include "config.h"

#include "core/account/own_orders.h"

#include "call/account.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/show/order.h"

enum err
own_orders_list(struct core *core, const struct uuid *user_id, const char *state,
		const struct list *list, struct buf *body)
{
	const struct db_rows *rows;
	enum err err = read_account_own_orders(core, core->read_db, user_id, state, list_at(list),
					       list_uuid(list), list_rows(list), &rows);

	return err != ERR_OK ? err : order_render_list(core, rows, list, false, body);
}

enum err
own_orders_put(struct core *core, const struct uuid *user_ids, const char *const *orders,
	       size_t count)
{
	struct outcome outcome;
	enum err err = call_account_orders_listed(core, user_ids, count, orders, count, &outcome);

	return outcome_accept(core, err, &outcome);
}
