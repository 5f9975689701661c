/* Holds of the caller in a show. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/hold.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field take_fields[] = {
	{.name = "seats",
	 .type = JIN_I64_SET,
	 .offset = offsetof(struct holds_take_input, seats),
	 .is_required = true,
	 .min = 0,
	 .max = INT32_MAX,
	 .count_max = 500,
	 .doc = "seat numbers; all of them or none are taken"},
	{.name = NULL},
};

const struct jin_shape holds_take_shape = {.name = "HoldRequest", .fields = take_fields};

static struct hold_id
id_of(const struct request *request)
{
	return (struct hold_id){.show_id = request->params[0].id,
				.hold_id = request->params[1].uuid,
				.user_id = request->user_id};
}

enum err
holds_take(struct core *core, const struct request *request, struct response *response)
{
	const struct holds_take_input *input = request->input;

	return hold_take(core, request->params[0].id, &request->user_id, &input->seats,
			 &response->status, &response->body);
}

enum err
holds_read(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	return hold_read(core, &id, &response->body);
}

enum err
holds_extend(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	return hold_extend(core, &id, &response->body);
}

enum err
holds_release(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	response->status = 204;
	return hold_release(core, &id);
}
