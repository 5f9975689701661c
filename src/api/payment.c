/* Payments of an order of the caller. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/saga/payment.h"
#include "web/request.h"
#include "web/response.h"

struct pay_input {
	const char *method;
};

static const char *const methods[] = {"wallet", NULL};

static const struct jin_field pay_fields[] = {
	{.name = "method",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct pay_input, method),
	 .is_required = true,
	 .values = methods,
	 .doc = "Method of payment: the wallet."},
	{.name = NULL},
};

const struct jin_shape api_payment_pay_shape = {
	.name = "PaymentRequest", .fields = pay_fields, .size = sizeof(struct pay_input)};

enum err
api_payment_pay(struct core *core, const struct request *request, struct response *response)
{
	const struct pay_input *input = request->input;
	const struct core_key key = api_key(request);

	return payment_pay(core, request->params[0].id, &request->params[1].uuid, input->method,
			   &key, &response->is_replay, &response->body);
}
