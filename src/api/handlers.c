/* What several handlers need. */
#include "config.h"

#include "api/handlers.h"

#include "api/list.h"
#include "core/core.h"
#include "web/request.h"

static const struct jin_field list_fields[] = {LIST_FIELDS(0), {.name = NULL}};

const struct jin_shape api_list_query = {
	.name = "ListQuery", .fields = list_fields, .size = sizeof(struct list_page)};

struct core_key
api_key(const struct request *request)
{
	return (struct core_key){.user_id = request->user_id,
				 .path = request->path,
				 .key = request->idempotency_key,
				 .fingerprint = request->body_hash};
}
