/* Own orders: the list of a buyer's orders in all shows. The relay keeps it in the buyer's home. */
#ifndef CORE_ACCOUNT_OWN_ORDERS_H
#define CORE_ACCOUNT_OWN_ORDERS_H

#include <stddef.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct list;

/* Newest first. `state` NULL: any state. The list may lag by one round of the relay. */
MUST_USE enum err
own_orders_list(struct core *core, const struct uuid *user_id, const char *state,
		const struct list *list, struct buf *body);

/* Puts documents of orders into the lists of their owners: `orders[i]` is JSON and belongs to
 * `user_ids[i]`. An older version never replaces a newer one. */
MUST_USE enum err
own_orders_put(struct core *core, const struct uuid *user_ids, const char *const *orders,
	       size_t count);

#endif
