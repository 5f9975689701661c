/* Orders: the caller's own, and those of a show for its staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/list.h"
#include "core/account/own_orders.h"
#include "core/core.h"
#include "core/saga/order_cancel.h"
#include "core/show/order.h"
#include "core/states.h"
#include "web/request.h"
#include "web/response.h"

struct create_input {
	struct uuid hold_id;
};

static const struct jin_field create_fields[] = {
	{.name = "hold_id",
	 .type = JIN_UUID,
	 .offset = offsetof(struct create_input, hold_id),
	 .is_required = true,
	 .doc = "A live hold of the caller in this show."},
	{.name = NULL},
};

const struct jin_shape api_order_create_shape = {
	.name = "OrderRequest", .fields = create_fields, .size = sizeof(struct create_input)};

struct list_query {
	const char *state; /* NULL: any */
	struct list_page page;
};

static const struct jin_field list_fields[] = {
	{.name = "state",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct list_query, state),
	 .values = states_order,
	 .doc = "Only orders in this state. All orders unless given."},
	LIST_FIELDS(offsetof(struct list_query, page)),
	{.name = NULL},
};

const struct jin_shape api_order_list_query = {
	.name = "OrderListQuery", .fields = list_fields, .size = sizeof(struct list_query)};

enum err
api_order_create(struct core *core, const struct request *request, struct response *response)
{
	const struct create_input *input = request->input;
	const struct core_key key = api_key(request);
	struct order_answer answer;
	enum err err = order_create(core, request->params[0].id, &input->hold_id, &key, &answer,
				    &response->body);

	if (err != ERR_OK)
		return err;
	response->status = answer.status;
	response->is_replay = answer.is_replay;
	return ERR_OK;
}

enum err
api_order_read(struct core *core, const struct request *request, struct response *response)
{
	return order_read(core, request->params[0].id, &request->params[1].uuid, &request->user_id,
			  &response->body);
}

enum err
api_order_list(struct core *core, const struct request *request, struct response *response)
{
	const struct list_query *query = request->query;
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_ORDERS, &query->page, &list);

	if (err != ERR_OK)
		return err;
	return own_orders_list(core, &request->user_id, query->state, &list, &response->body);
}

enum err
api_order_list_of_show(struct core *core, const struct request *request, struct response *response)
{
	const struct list_query *query = request->query;
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_SHOW_ORDERS, &query->page, &list);

	if (err == ERR_OK)
		err = order_list_of_show(core, request->params[0].id, query->state, &list,
					 &response->body);
	/* guard: not when refused */
	return err != ERR_OK
		       ? err
		       : /* guard: recorded */ api_audit_add(core, request, "orders.read", "show");
}

enum err
api_order_cancel(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	return order_cancel(core, request->params[0].id, &request->params[1].uuid, &key,
			    &response->is_replay, &response->body);
}
