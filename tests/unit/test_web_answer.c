#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "test_web.h"
#include "web/answer.h"
#include "web/exchange.h"

/* The whole answer as sent. */
static const char *
answer(const char *body, const char *const *params, int *status_r)
{
	const struct answer_cost cost = {.db_calls = 2, .db_us = 1500, .us = 2034};
	struct exchange *exchange = web_exchange(body, params);
	struct buf out;

	*status_r = web_run(exchange);
	buf_init(&out, unit_arena());
	answer_head(exchange, &cost, &out);
	if (answer_has_body(exchange))
		buf_puts(&out, buf_text(&exchange->response.body));
	return buf_text(&out);
}

static void
test_good(void)
{
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", NULL};
	int status;

	UNIT_TEXT("Status: 200 OK\r\n"
		  "Cache-Control: public, max-age=1, stale-while-revalidate=1\r\n"
		  "Content-Type: application/json\r\n"
		  "Content-Length: 22\r\n"
		  "ETag: \"abc\"\r\n"
		  "Server-Timing: db;desc=\"2 calls\";dur=1.500, app;dur=2.034\r\n"
		  "\r\n"
		  "{\"path\":\"/api/events\"}",
		  answer("", params, &status));
}

static void
test_head(void)
{
	const char *params[] = {"REQUEST_METHOD=HEAD", "REQUEST_URI=/api/layouts/1", NULL};
	int status;
	const char *text = answer("", params, &status);

	UNIT_I64(200, status);
	UNIT_CONTAINS("Content-Length: 25\r\n", text);
	UNIT_CONTAINS("Cache-Control: public, max-age=31536000, immutable\r\n", text);
	UNIT_TRUE(strchr(text, '{') == NULL);
}

static void
test_not_modified(void)
{
	static const struct {
		const char *name, *header;
		int status;
	} table[] = {
		{"the same", "HTTP_IF_NONE_MATCH=\"abc\"", 304},
		{"weak", "HTTP_IF_NONE_MATCH=W/\"abc\"", 304},
		{"in a list", "HTTP_IF_NONE_MATCH=\"x\", \"abc\"", 304},
		{"any", "HTTP_IF_NONE_MATCH=*", 304},
		{"another", "HTTP_IF_NONE_MATCH=\"abcd\"", 200},
		{"unquoted", "HTTP_IF_NONE_MATCH=abc", 200},
		{"empty", "HTTP_IF_NONE_MATCH=", 200},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events",
					table[i].header, NULL};
		int status;
		const char *text = answer("", params, &status);

		unit_row(table[i].name);
		UNIT_I64(table[i].status, status);
		UNIT_CONTAINS("ETag: \"abc\"\r\n", text);
		UNIT_CONTAINS("max-age=1", text);
		if (status == 304)
			UNIT_TRUE(strstr(text, "Content-Length") == NULL);
	}
}

static void
test_problem(void)
{
	const char *params[] = {"REQUEST_METHOD=POST",
				"REQUEST_URI=/api/shows/1/holds",
				"CONTENT_TYPE=application/json",
				"CONTENT_LENGTH=13",
				"TRACE_ID=0123456789abcdef0123456789abcdef",
				web_token("user", 60),
				NULL};
	int status;
	const char *text = answer("{\"seats\":[1]}", params, &status);

	UNIT_I64(409, status);
	UNIT_CONTAINS("Status: 409 Seats are taken\r\n", text);
	UNIT_CONTAINS("Cache-Control: no-store\r\n", text);
	UNIT_CONTAINS("Content-Type: application/problem+json\r\n", text);
	UNIT_CONTAINS("\r\n\r\n{\"type\":\"/problems/seats_taken\",\"title\":\"Seats are taken\","
		      "\"status\":409,\"detail\":\"the seats are taken\",\"code\":\"seats_taken\","
		      "\"trace_id\":\"0123456789abcdef0123456789abcdef\",\"seats\":[1,2]}",
		      text);
}

static void
test_violations(void)
{
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events?x=1&y=2", NULL};
	int status;

	UNIT_CONTAINS("\"violations\":[{\"field\":\"x\",\"message\":\"is not known here\"},"
		      "{\"field\":\"y\",\"message\":\"is not known here\"}]}",
		      answer("", params, &status));
}

static void
test_headers(void)
{
	static const char refused[] = "REQUEST_URI=/api/shows/1/orders";
	const char *none[] = {"REQUEST_METHOD=POST", refused, NULL};
	const char *bad[] = {"REQUEST_METHOD=POST", refused, "HTTP_AUTHORIZATION=Bearer x", NULL};
	const char *get[] = {"REQUEST_METHOD=GET", refused, NULL};
	const char *options[] = {"REQUEST_METHOD=OPTIONS", refused, NULL};
	const char *replay[] = {"REQUEST_METHOD=POST", refused, "HTTP_IDEMPOTENCY_KEY=k",
				web_token("user", 60), NULL};
	int status;

	UNIT_CONTAINS("WWW-Authenticate: Bearer\r\n", answer("", none, &status));
	UNIT_CONTAINS("WWW-Authenticate: Bearer\r\n", answer("", bad, &status));
	UNIT_CONTAINS("Allow: POST, OPTIONS\r\n", answer("", get, &status));
	UNIT_I64(405, status);
	UNIT_CONTAINS("Allow: POST, OPTIONS\r\n", answer("", options, &status));
	UNIT_I64(204, status);
	UNIT_CONTAINS("Idempotency-Replayed: true\r\n", answer("", replay, &status));
	UNIT_I64(201, status);
	web_clock(60000000);
	UNIT_CONTAINS("Retry-After: 1\r\n", answer("", replay, &status));
	UNIT_I64(503, status);
	web_clock(0);
}

static void
test_internal(void)
{
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", NULL};
	struct exchange *exchange = web_exchange("", params);

	fail_log(&exchange->failure, CODE_INTERNAL, "the secret reason");
	answer_finish(exchange, ERR_INTERNAL);
	UNIT_I64(500, exchange->response.status);
	UNIT_TRUE(strstr(buf_text(&exchange->response.body), "secret") == NULL);
	UNIT_CONTAINS("\"detail\":\"Internal error\"", buf_text(&exchange->response.body));
}

const struct unit_case web_answer_cases[] = {
	{"a good answer is sent whole", test_good},
	{"HEAD has the headers and no body", test_head},
	{"what the client has already is answered 304", test_not_modified},
	{"a refusal is a problem with its members", test_problem},
	{"violations are listed in order", test_violations},
	{"headers follow from the answer", test_headers},
	{"the reason of an internal error stays in the log", test_internal},
	{NULL, NULL},
};
