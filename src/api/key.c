/* The caller and the Idempotency-Key. */
#include "config.h"

#include "api/handlers.h"
#include "core/core.h"
#include "web/request.h"

struct core_key
api_key(const struct request *request)
{
	return (struct core_key){/* guard: user */ .user_id = request->user_id,
				 /* guard: path */ .path = request->path,
				 .key = request->idempotency_key,
				 .fingerprint = request->body_hash};
}
