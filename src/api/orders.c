/* Orders of the caller and their payments; of a show for its staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/input.h"
#include "core/core.h"
#include "core/show/order.h"
#include "core/saga/payment.h"
#include "core/states.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field create_fields[] = {
	{.name = "hold_id",
	 .type = JIN_UUID,
	 .offset = offsetof(struct orders_create_input, hold_id),
	 .is_required = true,
	 .doc = "a live hold of the caller in this show"},
	{.name = NULL},
};

static const char *const methods[] = {"wallet", "card", NULL};

static const struct jin_field pay_fields[] = {
	{.name = "method",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct orders_pay_input, method),
	 .is_required = true,
	 .values = methods,
	 .doc = "wallet; a card is not offered"},
	{.name = NULL},
};

const struct jin_shape orders_create_shape = {.name = "OrderRequest", .fields = create_fields};
const struct jin_shape orders_pay_shape = {.name = "PaymentRequest", .fields = pay_fields};

struct core_key
handler_key(const struct request *request)
{
	return (struct core_key){.user_id = request->user_id,
				 .path = request->path,
				 .key = request->idempotency_key,
				 .fingerprint = request->body_hash};
}

enum err
orders_create(struct core *core, const struct request *request, struct response *response)
{
	const struct orders_create_input *input = request->input;
	const struct core_key key = handler_key(request);
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
orders_read(struct core *core, const struct request *request, struct response *response)
{
	return order_read(core, request->params[0].id, &request->params[1].uuid, &request->user_id,
			  &response->body);
}

enum err
orders_list(struct core *core, const struct request *request, struct response *response)
{
	const char *state = NULL;
	struct list list = {.limit = 0};
	enum err err = input_enum(request, "state", states_of(STATES_ORDER), &state);
	enum err list_err = input_list(core, request, LIST_ORDERS, &list);

	if (err != ERR_OK || list_err != ERR_OK)
		return err != ERR_OK ? err : list_err;
	return order_list(core, &request->user_id, state, &list, &response->body);
}

enum err
orders_of_show(struct core *core, const struct request *request, struct response *response)
{
	const char *state = NULL;
	struct list list = {.limit = 0};
	enum err err = input_enum(request, "state", states_of(STATES_ORDER), &state);
	enum err list_err = input_list(core, request, LIST_SHOW_ORDERS, &list);

	if (err != ERR_OK || list_err != ERR_OK)
		return err != ERR_OK ? err : list_err;
	err = order_list_of_show(core, request->params[0].id, state, &list, &response->body);
	return err != ERR_OK ? err : handler_audit_read(core, request, "orders.read", "show");
}

enum err
orders_pay(struct core *core, const struct request *request, struct response *response)
{
	const struct orders_pay_input *input = request->input;
	const struct core_key key = handler_key(request);

	return payment_pay(core, request->params[0].id, &request->params[1].uuid, input->method,
			   &key, &response->is_replay, &response->body);
}
