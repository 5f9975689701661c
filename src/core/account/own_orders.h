/* Own orders: the list of a buyer's orders in all shows, which the relay keeps in the buyer's home. */
#ifndef CORE_ACCOUNT_OWN_ORDERS_H
#define CORE_ACCOUNT_OWN_ORDERS_H

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct list;

/* Newest first; `state` NULL: any. May lag by the relay's round. */
MUST_USE enum err
own_orders_list(struct core *core, const struct uuid *user_id, const char *state,
		const struct list *list, struct buf *body);

#endif
