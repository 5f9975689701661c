#include "config.h"

#include "web/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "conf/config.h"
#include "host/hostmem.h"

#define EXCHANGE_WAIT_MAX_MS 60000

static bool
is_trace_id(const char *text)
{
	size_t len = strspn(text, "0123456789abcdef");

	return len == 32 && text[len] == '\0' && strspn(text, "0") < 32;
}

/* nginx chooses the trace id. A request that did not come through nginx gets a new one. */
static void
set_trace(struct request *request, const char *trace_id)
{
	uint8_t random[24];
	char span[17], trace[33];

	text_random(random, sizeof(random));
	text_hex(random, 8, span);
	/* guard: trace id */
	if (!is_trace_id(trace_id)) {
		text_hex(random + 8, 16, trace);
		trace_id = trace;
	}
	request->trace_id = arena_strdup(request->arena, trace_id);
	request->traceparent = arena_printf(request->arena, "00-%s-%s-01", request->trace_id, span);
}

static enum method
method_by_name(const char *name)
{
	for (enum method method = 0; method < METHOD_MAX; method++)
		if (strcmp(method_name(method), name) == 0)
			return method;
	return METHOD_MAX;
}

static void
read_params(struct exchange *exchange, const char *const *params, const char **trace_id_r)
{
	const struct {
		const char *name;
		const char **value_r;
	} known[] = {
		{"REQUEST_METHOD", &exchange->method_text},
		{"REQUEST_URI", &exchange->uri},
		{"CONTENT_TYPE", &exchange->content_type},
		{"CONTENT_LENGTH", &exchange->content_length_text},
		{"REMOTE_ADDR", &exchange->request.address},
		{"HTTP_USER_AGENT", &exchange->request.agent},
		{"TRACE_ID", trace_id_r},
		{"PASSED_AT", &exchange->passed_at},
		{"HTTP_AUTHORIZATION", &exchange->authorization},
		{"HTTP_IDEMPOTENCY_KEY", &exchange->key_text},
		{"HTTP_IF_NONE_MATCH", &exchange->request.if_none_match},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		*known[i].value_r = "";
	for (; *params != NULL; params++) {
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			size_t len = strlen(known[i].name);

			if (strncmp(*params, known[i].name, len) == 0 && (*params)[len] == '=') {
				*known[i].value_r = *params + len + 1;
				break;
			}
		}
	}
}

/* Unix milliseconds from a stamp of nginx, "1764400000.123". */
static bool
stamp_read(const char *text, int64_t *ms_r)
{
	const char *point = strchr(text, '.');
	char digits[16];

	if (point == NULL || point - text > 12 || strlen(point + 1) != 3)
		return false;
	snprintf(digits, sizeof(digits), "%.*s%s", (int)(point - text), text, point + 1);
	return text_parse_i64(digits, strlen(digits), ms_r);
}

/* How long the request has waited for a worker. nginx is on this host and has the same clock. When
 * the clock has been set meanwhile, the difference makes no sense and the request counts as new. */
static int64_t
waited_ms(const char *passed_at)
{
	int64_t stamp_ms, waited;

	if (!stamp_read(passed_at, &stamp_ms))
		return 0;
	waited = clock_wall_us() / 1000 - stamp_ms;
	/* guard: wait makes sense */
	if (waited < 0 || waited > EXCHANGE_WAIT_MAX_MS)
		return 0;
	return waited;
}

void
exchange_init(struct exchange *exchange, const struct serve *serve, struct arena *arena,
	      const char *const *params, const struct exchange_source *source, int64_t start_us)
{
	struct request *request = &exchange->request;
	const char *trace_id, *question;

	memset(exchange, 0, sizeof(*exchange));
	exchange->serve = serve;
	exchange->source = source;
	exchange->start_us = start_us;
	failure_init(&exchange->failure, arena);
	response_init(&exchange->response, arena);
	request->arena = arena;
	request->failure = &exchange->failure;
	read_params(exchange, params, &trace_id);
	set_trace(request, trace_id);
	request->method = method_by_name(exchange->method_text);
	question = strchr(exchange->uri, '?');
	request->path = question == NULL ? exchange->uri
					 : arena_strndup(arena, exchange->uri,
							 (size_t)(question - exchange->uri));
	exchange->query = question == NULL ? NULL : question + 1;
	request->body = "";
	if (request->if_none_match[0] == '\0')
		request->if_none_match = NULL;
	request->waited_ms = waited_ms(exchange->passed_at);
	request->deadline_ms = start_us / 1000 + serve->config->server_request_deadline_ms;
}

size_t
exchange_route_index(const struct exchange *exchange)
{
	if (exchange->request.route == NULL)
		return HOSTMEM_ROUTES_MAX;
	return (size_t)(exchange->request.route - exchange->serve->routes->rows);
}
