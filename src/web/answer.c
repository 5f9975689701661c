#include "config.h"

#include "web/answer.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "json/jout.h"
#include "web/address.h"
#include "web/exchange.h"

static const char *const cache_policies[] = {
	[ROUTE_NO_STORE] = "no-store",
	[ROUTE_PUBLIC] = "public, max-age=1, stale-while-revalidate=1",
	[ROUTE_IMMUTABLE] = "public, max-age=31536000, immutable",
};

static const char *
without_weak(const char *tag)
{
	return strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
}

bool
answer_is_match(const char *if_none_match, const char *etag)
{
	size_t etag_len;

	etag = without_weak(etag);
	etag_len = strlen(etag);
	while (*if_none_match != '\0') {
		size_t len;

		if_none_match += strspn(if_none_match, " \t,");
		if (*if_none_match == '*')
			return true;
		if_none_match = without_weak(if_none_match);
		len = strcspn(if_none_match, " \t,");
		if (len == etag_len && memcmp(if_none_match, etag, len) == 0)
			return true;
		if_none_match += len;
	}
	return false;
}

static bool
is_read(const struct exchange *exchange)
{
	return exchange->request.method == METHOD_GET || exchange->request.method == METHOD_HEAD;
}

static void
finish_problem(struct exchange *exchange)
{
	struct response *response = &exchange->response;

	response_problem(response, &exchange->request, &exchange->failure);
	/* The challenge carries no error: the code in the body says what is wrong with the
	 * token. */
	if (response->status == 401)
		response_header(response, "WWW-Authenticate", "Bearer");
	else if (response->status == 405)
		response_header(response, "Allow", exchange->allow);
}

void
answer_finish(struct exchange *exchange, enum err err)
{
	struct response *response = &exchange->response;

	if (err != ERR_OK) {
		finish_problem(exchange);
	} else if (exchange->is_gone) {
		response->status = ANSWER_CLIENT_GONE;
	} else if (exchange->is_options) {
		response->status = 204;
		response_header(response, "Allow", exchange->allow);
	} else if (response->status == 200 && response->etag != NULL && is_read(exchange) &&
		   exchange->request.if_none_match != NULL &&
		   answer_is_match(exchange->request.if_none_match, response->etag)) {
		response->status = 304;
	}
}

static bool
is_bodyless(int status)
{
	return status == 204 || status == 304;
}

bool
answer_has_body(const struct exchange *exchange)
{
	return !is_bodyless(exchange->response.status) && exchange->request.method != METHOD_HEAD;
}

static const char *
cache_control(const struct exchange *exchange)
{
	const struct response *response = &exchange->response;

	if (!is_read(exchange) || (response->status != 200 && response->status != 304))
		return "no-store";
	if (response->cache_control != NULL)
		return response->cache_control;
	return cache_policies[exchange->request.route->cache];
}

/* nginx repeats the status line as it is, and HTTP/1.1 requires a space and a phrase after the
 * number. */
static const char *
phrase_of(const struct exchange *exchange)
{
	const enum code code = exchange->failure.code;

	switch (exchange->response.status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 204:
		return "No Content";
	case 304:
		return "Not Modified";
	default:
		return code == CODE_NONE ? "Error" : code_info(code)->title;
	}
}

static void
put_timing(const struct answer_cost *cost, struct buf *head)
{
	buf_printf(head, "Server-Timing: db;desc=\"%u calls\";dur=%lld.%03d, app;dur=%lld.%03d\r\n",
		   cost->db_calls, (long long)cost->db_us / 1000, (int)(cost->db_us % 1000),
		   (long long)cost->us / 1000, (int)(cost->us % 1000));
}

void
answer_head(const struct exchange *exchange, const struct answer_cost *cost, struct buf *head)
{
	const struct response *response = &exchange->response;

	buf_printf(head, "Status: %d %s\r\nCache-Control: %s\r\n", response->status,
		   phrase_of(exchange), cache_control(exchange));
	if (!is_bodyless(response->status))
		buf_printf(head, "Content-Type: %s\r\nContent-Length: %zu\r\n",
			   response->content_type, response->body.len);
	if (response->etag != NULL && response->status < 400)
		buf_printf(head, "ETag: %s\r\n", response->etag);
	if (response->is_replay)
		buf_puts(head, "Idempotency-Replayed: true\r\n");
	put_timing(cost, head);
	if (response->headers.len > 0)
		buf_put(head, response->headers.data, response->headers.len);
	buf_puts(head, "\r\n");
}

static void
log_failure(const struct exchange *exchange, struct jout *out)
{
	const struct failure *failure = &exchange->failure;

	if (exchange->response.status < 400)
		return;
	jout_key_text(out, "code",
		      code_info(failure->code == CODE_NONE ? CODE_INTERNAL : failure->code)->name);
	if (failure->log_detail != NULL)
		jout_key_text(out, "detail", failure->log_detail);
}

static enum log_level
log_level_of(int status)
{
	if (status == 500)
		return LOG_LEVEL_ERROR;
	return status > 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
}

/* Milliseconds with three decimals. */
static void
put_ms(struct jout *out, const char *key, struct arena *arena, int64_t us)
{
	jout_key_raw(out, key,
		     arena_printf(arena, "%lld.%03d", (long long)us / 1000, (int)(us % 1000)));
}

static void
put_user(struct jout *out, const struct request *request)
{
	if (request->role == ROLE_NONE)
		jout_key_null(out, "user_id");
	else
		jout_key_uuid(out, "user_id", &request->user_id);
}

/* The address tells who tries passwords or closed doors. Other lines do without it. */
static void
put_address(struct jout *out, const struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	const int status = exchange->response.status;
	const char *address;

	if ((request->route == NULL || (request->route->flags & ROUTE_LOGIN) == 0) &&
	    status != 401 && status != 403 && status != 429)
		return;
	address = address_shown(request->arena, exchange->serve->config, exchange->serve->secrets,
				request->address);
	if (address != NULL)
		jout_key_text(out, "address", address);
}

void
answer_log(const struct exchange *exchange, const struct answer_cost *cost)
{
	const struct request *request = &exchange->request;
	struct buf line;
	struct jout out;

	buf_init(&line, request->arena);
	jout_init(&out, &line);
	jout_object(&out);
	jout_key_text(&out, "trace_id", request->trace_id);
	jout_key_text(&out, "method", method_name(request->method));
	jout_key_text(&out, "route", request->route != NULL ? request->route->path : NULL);
	jout_key_i64(&out, "status", exchange->response.status);
	put_ms(&out, "ms", request->arena, cost->us);
	jout_key_i64(&out, "waited_ms", request->waited_ms);
	jout_key_i64(&out, "db_calls", cost->db_calls);
	put_ms(&out, "db_ms", request->arena, cost->db_us);
	put_user(&out, request);
	put_address(&out, exchange);
	jout_key_text(&out, "pool", exchange->serve->pool);
	jout_key_bool(&out, "replay", exchange->response.is_replay);
	log_failure(exchange, &out);
	jout_end(&out);
	line.data[line.len - 1] = '\0'; /* members without the braces */
	log_members(log_level_of(exchange->response.status), "request", line.data + 1);
}
