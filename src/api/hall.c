/* Halls of a venue: entered by staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/directory/hall.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field create_fields[] = {
	{.name = "venue_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct hall_new, venue_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "Venue of the hall."},
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct hall_new, name),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "Name shown to the public."},
	{.name = NULL},
};

const struct jin_shape api_hall_create_shape = {
	.name = "HallRequest", .fields = create_fields, .size = sizeof(struct hall_new)};

enum err
api_hall_create(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	response->status = 201;
	return hall_create(core, &key, request->input, &response->is_replay, &response->body);
}
