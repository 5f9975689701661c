/* Seat map: which seats of a show are free. */
#include "config.h"

#include "api/handlers.h"

#include "core/show/seatmap.h"
#include "web/request.h"
#include "web/response.h"

enum err
api_seatmap_read(struct core *core, const struct request *request, struct response *response)
{
	return seatmap_read(core, request->params[0].id, &response->etag, &response->body);
}
