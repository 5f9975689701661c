/* Halls of a venue, as staff enter them. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/listing/catalog.h"
#include "web/request.h"
#include "web/response.h"

struct create_input {
	int64_t venue_id;
	const char *name;
};

static const struct jin_field create_fields[] = {
	{.name = "venue_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct create_input, venue_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "where it is"},
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct create_input, name),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = NULL},
};

const struct jin_shape api_hall_create_shape = {
	.name = "HallRequest", .fields = create_fields, .size = sizeof(struct create_input)};

enum err
api_hall_create(struct core *core, const struct request *request, struct response *response)
{
	const struct create_input *input = request->input;

	response->status = 201;
	return catalog_hall_create(core, &request->user_id, input->venue_id, input->name,
				   &response->body);
}
