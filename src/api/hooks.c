#include "config.h"

#include "api/hooks.h"

#include "api/handlers.h"
#include "base/log.h"
#include "core/account/session.h"
#include "core/core.h"
#include "web/answer.h"

static void
begin(struct core *core, const struct request *request)
{
	core_begin(core, request->arena, request->failure, request->traceparent,
		   request->deadline_ms);
}

static void
add_cost(const struct core *core, struct answer_cost *cost)
{
	uint32_t calls;
	int64_t us;

	core_stat(core, &calls, &us);
	cost->db_calls += calls;
	cost->db_us += us;
}

static enum err
handle(struct core *core, const struct request *request, struct response *response,
       struct answer_cost *cost)
{
	enum err err;

	begin(core, request);
	err = request->route->handle(core, request, response);
	add_cost(core, cost);
	return err;
}

static enum err
is_revoked(struct core *core, const struct request *request, struct answer_cost *cost,
	   bool *revoked_r)
{
	enum err err;

	begin(core, request);
	err = session_is_revoked(core, &request->session_id, revoked_r);
	add_cost(core, cost);
	return err;
}

/* The client gets its 403 even when that cannot be recorded. */
static void
note_refused(struct core *core, const struct request *request, struct answer_cost *cost)
{
	begin(core, request);
	if (api_audit_refused(core, request) != ERR_OK)
		log_warn("could not record the refusal of %s", request->trace_id);
	add_cost(core, cost);
}

const struct serve_hooks api_hooks = {
	.note_refused = note_refused,
	.handle = handle,
	.is_revoked = is_revoked,
};
