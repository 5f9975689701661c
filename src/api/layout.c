/* Layouts: the seats of a hall, for the public and as staff enter them. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/directory/layout.h"
#include "web/request.h"
#include "web/response.h"

struct create_input {
	int64_t hall_id;
	const struct jval *sections;
};

static const struct jin_field create_fields[] = {
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct create_input, hall_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "whose seats"},
	{.name = "sections",
	 .type = JIN_VALUE,
	 .offset = offsetof(struct create_input, sections),
	 .is_required = true,
	 .doc = "in the order of numbering, each with its rows or in short form"},
	{.name = NULL},
};

const struct jin_shape api_layout_create_shape = {
	.name = "LayoutRequest", .fields = create_fields, .size = sizeof(struct create_input)};

enum err
api_layout_read(struct core *core, const struct request *request, struct response *response)
{
	return layout_read(core, request->params[0].id, &response->body);
}

enum err
api_layout_create(struct core *core, const struct request *request, struct response *response)
{
	const struct create_input *input = request->input;

	response->status = 201;
	return layout_create(core, &request->user_id, input->hall_id, input->sections,
			     &response->body);
}
