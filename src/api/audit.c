/* Audit trail: what staff did and read. Reading the trail is recorded as well. */
#include "config.h"

#include "api/handlers.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/role.h"
#include "core/core.h"
#include "core/list.h"
#include "core/log/audit.h"
#include "json/jout.h"
#include "web/request.h"
#include "web/response.h"
#include "web/route.h"

enum err
api_audit_add(struct core *core, const struct request *request, const char *action,
	      const char *thing)
{
	const int64_t id = request->params[0].id;
	const char *object = id == 0 ? thing : arena_printf(core->arena, "%s %" PRId64, thing, id);
	char actor[UUID_TEXT_SIZE];
	struct buf detail;
	struct jout out;

	uuid_format(&request->user_id, actor);
	buf_init(&detail, core->arena);
	jout_init(&out, &detail);
	jout_object(&out);
	for (size_t i = 0; i < request->pair_count; i++)
		jout_key_text(&out, request->pairs[i].name, request->pairs[i].value);
	jout_end(&out);
	return audit_add(core, actor, action, object, buf_text(&detail));
}

enum err
api_audit_refused(struct core *core, const struct request *request)
{
	const struct route *route = request->route;

	return audit_refused(
		core, &request->user_id,
		arena_printf(core->arena, "%s %s", method_name(route->method), route->path),
		role_name(request->role));
}

enum err
api_audit_list(struct core *core, const struct request *request, struct response *response)
{
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_AUDIT, request->query, &list);

	if (err == ERR_OK)
		err = audit_list(core, &list, &response->body);
	return err != ERR_OK ? err
			     : /* guard: recorded */ api_audit_add(core, request, "audit.read",
								   "audit trail");
}
