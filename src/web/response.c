#include "config.h"

#include "web/response.h"

#include "base/arena.h"
#include "web/request.h"

void
response_init(struct response *response, struct arena *arena)
{
	*response = (struct response){.status = 200, .content_type = "application/json"};
	buf_init(&response->body, arena);
	buf_init(&response->headers, arena);
}

struct jout
response_json(struct response *response)
{
	struct jout out;

	jout_init(&out, &response->body);
	return out;
}

void
response_header(struct response *response, const char *name, const char *value)
{
	buf_printf(&response->headers, "%s: %s\r\n", name, value);
}

static void
put_violations(struct jout *out, const struct violation *violation)
{
	jout_key(out, "violations");
	jout_array(out);
	for (; violation != NULL; violation = violation->next) {
		jout_object(out);
		jout_key_text(out, "field", violation->field);
		jout_key_text(out, "message", violation->message);
		jout_end(out);
	}
	jout_end(out);
}

void
response_problem(struct response *response, const struct request *request,
		 const struct failure *failure)
{
	enum code code = failure->code == CODE_NONE ? CODE_INTERNAL : failure->code;
	const struct code_info *info = code_info(code);
	struct jout out;

	response_init(response, request->arena);
	response->status = info->status;
	response->content_type = "application/problem+json";
	out = response_json(response);
	jout_object(&out);
	jout_key_text(&out, "type", arena_printf(request->arena, "/problems/%s", info->name));
	jout_key_text(&out, "title", info->title);
	jout_key_i64(&out, "status", info->status);
	jout_key_text(&out, "detail", failure->detail != NULL ? failure->detail : info->title);
	jout_key_text(&out, "code", info->name);
	jout_key_text(&out, "trace_id", request->trace_id);
	if (code == CODE_VALIDATION_FAILED)
		put_violations(&out, failure->violations);
	jout_end(&out);
	if (failure->extra != NULL) {
		response->body.len--; /* reopen the object */
		buf_printf(&response->body, ",%s}", failure->extra);
	}
	if (info->status == 429 || info->status == 503)
		buf_printf(&response->headers, "Retry-After: %d\r\n",
			   failure->retry_after_s > 0 ? failure->retry_after_s : 1);
}
