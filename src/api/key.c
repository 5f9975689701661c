/* The caller and the Idempotency-Key. */
#include "config.h"

#include "api/handlers.h"
#include "core/core.h"
#include "web/request.h"
#include "web/route.h"

struct core_key
api_key(const struct request *request)
{
	struct core_key key = {/* guard: user */ .user_id = request->user_id,
			       /* guard: path */ .path = request->path,
			       .key = request->idempotency_key,
			       .fingerprint = request->body_hash};

	if ((request->route->flags & ROUTE_KEY_OPTIONAL) != 0)
		core_key_name(&key, request->arena);
	return key;
}
