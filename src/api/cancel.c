/* Cancelling: an order by its owner, a show by an admin. */
#include "config.h"

#include <stddef.h>

#include "api/handlers.h"
#include "core/saga/cancel.h"
#include "core/core.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field show_fields[] = {
	{.name = "reason",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct cancel_show_input, reason),
	 .is_nullable = true,
	 .min = 1,
	 .max = 500,
	 .doc = "for the audit trail"},
	{.name = NULL},
};

const struct jin_shape cancel_show_shape = {.name = "ShowCancelRequest", .fields = show_fields};

enum err
cancel_order_route(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = handler_key(request);

	return cancel_order(core, request->params[0].id, &request->params[1].uuid, &key,
			    &response->is_replay, &response->body);
}

enum err
cancel_show_route(struct core *core, const struct request *request, struct response *response)
{
	const struct cancel_show_input *input = request->input;

	return cancel_show(core, request->params[0].id, &request->user_id, input->reason,
			   &response->body);
}
