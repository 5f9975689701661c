/* The caller's wallet. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/account/wallet.h"
#include "core/core.h"
#include "core/list.h"
#include "web/request.h"
#include "web/response.h"

struct charge_input {
	int64_t amount;
};

static const struct jin_field charge_fields[] = {
	{.name = "amount",
	 .type = JIN_I64,
	 .offset = offsetof(struct charge_input, amount),
	 .is_required = true,
	 .min = 1,
	 .max = 10000000,
	 .doc = "Amount in minor units of the wallet's currency."},
	{.name = NULL},
};

const struct jin_shape api_wallet_charge_shape = {
	.name = "ChargeRequest", .fields = charge_fields, .size = sizeof(struct charge_input)};

enum err
api_wallet_read(struct core *core, const struct request *request, struct response *response)
{
	return wallet_read(core, &request->user_id, &response->body);
}

enum err
api_wallet_charge(struct core *core, const struct request *request, struct response *response)
{
	const struct charge_input *input = request->input;
	const struct core_key key = api_key(request);

	response->status = 201;
	return wallet_charge(core, input->amount, &key, &response->is_replay, &response->body);
}

enum err
api_wallet_entries(struct core *core, const struct request *request, struct response *response)
{
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_ENTRIES, request->query, &list);

	if (err != ERR_OK)
		return err;
	return wallet_entries(core, &request->user_id, &list, &response->body);
}
