/* The caller and the Idempotency-Key. */
#include "config.h"

#include "api/handlers.h"
#include "core/core.h"
#include "web/request.h"

struct core_key
api_key(const struct request *request)
{
	return (struct core_key){.user_id = request->user_id,
				 .path = request->path,
				 .key = request->idempotency_key,
				 .fingerprint = request->body_hash};
}
