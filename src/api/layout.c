/* Layouts: the seats of a hall, browsed by the public and entered by staff. */
#include "config.h"

#include "api/handlers.h"

#include "core/core.h"
#include "core/directory/layout.h"
#include "web/request.h"
#include "web/response.h"

enum err
api_layout_read(struct core *core, const struct request *request, struct response *response)
{
	return layout_read(core, request->params[0].id, &response->body);
}

enum err
api_layout_create(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	response->status = 201;
	return layout_create(core, &key, request->input, &response->is_replay, &response->body);
}
