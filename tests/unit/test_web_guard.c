#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "test_web.h"
#include "web/exchange.h"
#include "web/guard.h"

#define KEY256                                                             \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123" \
	"0123456789012345678901234567890123456789012345678901234567890123"

enum token_kind { NONE, GARBAGE, EXPIRED, USER, OPERATOR, ADMIN, BASIC };

static const char *
authorization(enum token_kind kind)
{
	switch (kind) {
	case GARBAGE:
		return "HTTP_AUTHORIZATION=Bearer abc.def.ghi";
	case EXPIRED:
		return web_token("user", -10);
	case USER:
		return web_token("user", 900);
	case OPERATOR:
		return web_token("operator", 900);
	case ADMIN:
		return web_token("admin", 900);
	case BASIC:
		return "HTTP_AUTHORIZATION=Basic dTpw";
	default:
		return "HTTP_AUTHORIZATION=";
	}
}

struct guard_row {
	const char *name;
	const char *method, *uri;
	enum token_kind token;
	const char *type, *key, *body;
	int status;
	const char *code; /* NULL: none */
};

static struct exchange *
exchange_of(const struct guard_row *row)
{
	struct arena *arena = unit_arena();
	const char *params[10];
	size_t n = 0;

	params[n++] = arena_printf(arena, "REQUEST_METHOD=%s", row->method);
	params[n++] = arena_printf(arena, "REQUEST_URI=%s", row->uri);
	params[n++] = arena_printf(arena, "CONTENT_TYPE=%s", row->type ? row->type : "");
	params[n++] = arena_printf(arena, "CONTENT_LENGTH=%zu", strlen(row->body ? row->body : ""));
	params[n++] = "REMOTE_ADDR=192.0.2.1";
	params[n++] = authorization(row->token);
	params[n++] = arena_printf(arena, "HTTP_IDEMPOTENCY_KEY=%s", row->key ? row->key : "");
	params[n++] = NULL;
	return web_exchange(row->body ? row->body : "", params);
}

static void
run_rows(const struct guard_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct exchange *exchange = exchange_of(&rows[i]);

		unit_row(rows[i].name);
		UNIT_I64(rows[i].status, web_run(exchange));
		UNIT_TEXT(rows[i].code, exchange->failure.code == CODE_NONE
						? NULL
						: code_info(exchange->failure.code)->name);
	}
}

#define RUN(rows) run_rows(rows, sizeof(rows) / sizeof((rows)[0]))
#define JSON "application/json"
#define HOLDS "/api/shows/1/holds"
#define ORDERS "/api/shows/1/orders"

static void
test_address(void)
{
	static const struct guard_row rows[] = {
		{"a list", "GET", "/api/events?kind=movie&limit=3", NONE, NULL, NULL, NULL, 200,
		 NULL},
		{"a query without value", "GET", "/api/events?kind", NONE, NULL, NULL, NULL, 200,
		 NULL},
		{"an empty query", "GET", "/api/events?", NONE, NULL, NULL, NULL, 200, NULL},
		{"no such path", "GET", "/api/none", NONE, NULL, NULL, NULL, 404, "not_found"},
		{"a test route on a public host", "GET", "/api/test/x", NONE, NULL, NULL, NULL, 404,
		 "not_found"},
		{"metrics from outside", "GET", "/metrics", NONE, NULL, NULL, NULL, 404,
		 "not_found"},
		{"another method", "PATCH", "/api/events", NONE, NULL, NULL, NULL, 405,
		 "method_not_allowed"},
		{"an unknown method", "BREW", "/api/events", NONE, NULL, NULL, NULL, 405,
		 "method_not_allowed"},
		{"an unknown parameter", "GET", "/api/events?colour=red", NONE, NULL, NULL, NULL,
		 422, "validation_failed"},
		{"a parameter twice", "GET", "/api/events?kind=a&kind=a", NONE, NULL, NULL, NULL,
		 422, "validation_failed"},
		{"a list parameter where there is no list", "GET", "/api/events/1?limit=1", NONE,
		 NULL, NULL, NULL, 422, "validation_failed"},
		{"a value out of range", "GET", "/api/events?limit=101", NONE, NULL, NULL, NULL,
		 422, "validation_failed"},
		{"half a percent sign", "GET", "/api/events?kind=%4", NONE, NULL, NULL, NULL, 422,
		 "validation_failed"},
		{"no hex", "GET", "/api/events?kind=%zz", NONE, NULL, NULL, NULL, 422,
		 "validation_failed"},
		{"no UTF-8", "GET", "/api/events?kind=%ff", NONE, NULL, NULL, NULL, 422,
		 "validation_failed"},
		{"NUL", "GET", "/api/events?kind=a%00b", NONE, NULL, NULL, NULL, 422,
		 "validation_failed"},
	};

	web_clock(0);
	RUN(rows);
}

static void
test_token(void)
{
	static const struct guard_row rows[] = {
		{"no token", "POST", HOLDS, NONE, JSON, NULL, "{\"seats\":[1]}", 401,
		 "unauthenticated"},
		{"another scheme", "POST", HOLDS, BASIC, JSON, NULL, "{\"seats\":[1]}", 401,
		 "unauthenticated"},
		{"a forged token", "POST", HOLDS, GARBAGE, JSON, NULL, "{\"seats\":[1]}", 401,
		 "unauthenticated"},
		{"an old token", "POST", HOLDS, EXPIRED, JSON, NULL, "{\"seats\":[1]}", 401,
		 "token_expired"},
		{"a bad token where none is needed", "GET", "/api/events", GARBAGE, NULL, NULL,
		 NULL, 200, NULL},
		{"a user where an admin is needed", "POST", "/api/admin/venues", USER, JSON, NULL,
		 "{}", 403, "forbidden"},
		{"an operator where an admin is needed", "POST", "/api/admin/venues", OPERATOR,
		 JSON, NULL, "{}", 403, "forbidden"},
		{"an admin", "POST", "/api/admin/venues", ADMIN, JSON, NULL, "{}", 201, NULL},
		{"an admin where a user is needed", "POST", ORDERS, ADMIN, JSON, "k", "{}", 201,
		 NULL},
	};

	web_clock(0);
	RUN(rows);
}

static void
test_type(void)
{
	static const struct guard_row rows[] = {
		{"a form", "POST", HOLDS, USER, "application/x-www-form-urlencoded", NULL,
		 "seats=1", 415, "unsupported_media_type"},
		{"no type", "POST", HOLDS, USER, NULL, NULL, "{}", 415, "unsupported_media_type"},
		{"another charset", "POST", HOLDS, USER, "application/json; charset=euc-kr", NULL,
		 "{}", 415, "unsupported_media_type"},
		{"a longer type", "POST", HOLDS, USER, "application/jsonx", NULL, "{}", 415,
		 "unsupported_media_type"},
		{"UTF-8 said", "POST", HOLDS, USER, "Application/JSON; charset=\"UTF-8\"", NULL,
		 "{\"seats\":[1]}", 409, "seats_taken"},
	};

	web_clock(0);
	RUN(rows);
}

static void
test_key(void)
{
	static const struct guard_row rows[] = {
		{"no key", "POST", ORDERS, USER, JSON, NULL, "{}", 400, "idempotency_key_required"},
		{"a key with a space", "POST", ORDERS, USER, JSON, "a b", "{}", 400,
		 "idempotency_key_invalid"},
		{"a key with UTF-8", "POST", ORDERS, USER, JSON, "é", "{}", 400,
		 "idempotency_key_invalid"},
		{"a key of 256", "POST", ORDERS, USER, JSON, KEY256, "{}", 400,
		 "idempotency_key_invalid"},
		{"a key", "POST", ORDERS, USER, JSON, "k-1", "{}", 201, NULL},
	};

	web_clock(0);
	RUN(rows);
}

static void
test_body(void)
{
	static const struct guard_row rows[] = {
		{"no body where none is asked for", "POST", ORDERS, USER, NULL, "k-1", NULL, 201,
		 NULL},
		{"a member where none is asked for", "POST", ORDERS, USER, JSON, "k", "{\"a\":1}",
		 422, "validation_failed"},
		{"no body where one is needed", "POST", HOLDS, USER, JSON, NULL, NULL, 400,
		 "bad_json"},
		{"no JSON", "POST", HOLDS, USER, JSON, NULL, "{\"seats\":[1]", 400, "bad_json"},
		{"text behind", "POST", HOLDS, USER, JSON, NULL, "{\"seats\":[1]}x", 400,
		 "bad_json"},
		{"an array", "POST", HOLDS, USER, JSON, NULL, "[1]", 422, "validation_failed"},
		{"a wrong type", "POST", HOLDS, USER, JSON, NULL, "{\"seats\":\"1\"}", 422,
		 "validation_failed"},
		{"an unknown member", "POST", HOLDS, USER, JSON, NULL,
		 "{\"seats\":[1],\"user_id\":1}", 422, "validation_failed"},
		{"all right", "POST", HOLDS, USER, JSON, NULL, "{\"seats\":[2,1]}", 409,
		 "seats_taken"},
	};

	web_clock(0);
	RUN(rows);
}

/* Each row has this fault and all later ones: the answer names the first. */
static void
test_order(void)
{
	static const struct guard_row rows[] = {
		{"route before method", "PATCH", "/api/none?x", NONE, "text/plain", NULL, "x", 404,
		 "not_found"},
		{"method before token", "DELETE", ORDERS "?x=1", NONE, "text/plain", NULL, "x", 405,
		 "method_not_allowed"},
		{"token before role and type", "POST", "/api/admin/venues?x=1", NONE, "text/plain",
		 NULL, "x", 401, "unauthenticated"},
		{"role before type", "POST", "/api/admin/venues?x=1", USER, "text/plain", NULL, "x",
		 403, "forbidden"},
		{"type before key", "POST", ORDERS "?x=1", USER, "text/plain", NULL, "x", 415,
		 "unsupported_media_type"},
		{"key before syntax", "POST", ORDERS "?x=1", USER, JSON, NULL, "x", 400,
		 "idempotency_key_required"},
		{"syntax before shape", "POST", ORDERS "?x=1", USER, JSON, "k", "x", 400,
		 "bad_json"},
		{"shape last", "POST", ORDERS "?x=1", USER, JSON, "k", "{}", 422,
		 "validation_failed"},
	};
	static const char *const phases[] = {"route",  "method", "body size",    "rate",
					     "token",  "role",   "Content-Type", "Idempotency-Key",
					     "syntax", "shape",  "client",       "deadline"};

	web_clock(0);
	RUN(rows);
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		UNIT_TEXT(phases[i], guard_phase_name(i));
	UNIT_TEXT(NULL, guard_phase_name(sizeof(phases) / sizeof(phases[0])));
}

static void
test_clock(void)
{
	static const struct guard_row old[] = {
		{"a good token", "POST", ORDERS, USER, JSON, "k", "{}", 503, "unavailable"},
		{"a bad token", "POST", ORDERS, GARBAGE, JSON, "k", "{}", 503, "unavailable"},
		{"no token", "POST", ORDERS, NONE, JSON, "k", "{}", 401, "unauthenticated"},
		{"a public route", "GET", "/api/events", USER, NULL, NULL, NULL, 200, NULL},
	};
	static const struct guard_row young[] = {
		{"a token again", "POST", ORDERS, USER, JSON, "k", "{}", 201, NULL},
	};

	web_clock(HOSTMEM_CLOCK_AGE_MAX_US + 100000);
	RUN(old);
	web_clock(HOSTMEM_CLOCK_AGE_MAX_US - 500000);
	RUN(young);
	web_clock(0);
}

static void
test_length(void)
{
	static const struct {
		const char *name, *length, *body;
		int status;
	} table[] = {
		{"as announced", "CONTENT_LENGTH=2", "{}", 201},
		{"shorter", "CONTENT_LENGTH=3", "{}", 400},
		{"longer", "CONTENT_LENGTH=1", "{}", 400},
		{"a body without a length", "CONTENT_LENGTH=", "{}", 400},
		{"no number", "CONTENT_LENGTH=two", "{}", 400},
		{"a negative length", "CONTENT_LENGTH=-1", "{}", 400},
		{"past int64", "CONTENT_LENGTH=99999999999999999999", "{}", 400},
		{"over the limit", "CONTENT_LENGTH=65537", "{}", 413},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *params[] = {
			"REQUEST_METHOD=POST",           "REQUEST_URI=/api/auth/login",
			"CONTENT_TYPE=application/json", table[i].length,
			"REMOTE_ADDR=10.0.0.1",          NULL};

		unit_row(table[i].name);
		UNIT_I64(table[i].status, web_run(web_exchange(table[i].body, params)));
	}
}

static int
log_in_from(const char *address)
{
	const char *params[] = {"REQUEST_METHOD=POST", "REQUEST_URI=/api/auth/login", address,
				NULL};

	return web_run(web_exchange("", params));
}

static void
test_rate(void)
{
	/* The window is a minute of the clock: begin where it does not turn in between. */
	while (clock_mono_ms() % 60000 > 59000)
		;
	for (int i = 0; i < 10; i++)
		UNIT_I64(201, log_in_from("REMOTE_ADDR=127.0.0.1"));
	for (int i = 0; i < 3; i++)
		UNIT_I64(201, log_in_from("REMOTE_ADDR=127.0.0.2"));
	UNIT_I64(429, log_in_from("REMOTE_ADDR=127.0.0.2"));
	UNIT_I64(201, log_in_from("REMOTE_ADDR=192.0.2.77"));
}

static struct exchange *
sign_up_from(const char *address)
{
	const char *params[] = {"REQUEST_METHOD=POST", "REQUEST_URI=/api/auth/signup", address,
				NULL};
	struct exchange *exchange = web_exchange("", params);

	web_run(exchange);
	return exchange;
}

static void
test_signups(void)
{
	const uint64_t refused = hostmem_total(METRIC_SIGNUPS_REFUSED);
	struct exchange *exchange;

	/* The window is an hour of the clock: begin where it does not turn in between. */
	while (clock_mono_ms() % 3600000 > 3599000)
		;
	for (int i = 0; i < 5; i++)
		UNIT_I64(201, sign_up_from("REMOTE_ADDR=127.0.0.1")->response.status);
	for (int i = 0; i < 2; i++)
		UNIT_I64(201, sign_up_from("REMOTE_ADDR=127.0.0.4")->response.status);
	exchange = sign_up_from("REMOTE_ADDR=127.0.0.4");
	UNIT_I64(429, exchange->response.status);
	UNIT_TRUE(exchange->failure.retry_after_s >= 1);
	UNIT_CONTAINS("too many sign-ups", exchange->failure.detail);
	/* They are among the log-ins of a minute. */
	UNIT_I64(201, log_in_from("REMOTE_ADDR=127.0.0.4"));
	UNIT_I64(429, log_in_from("REMOTE_ADDR=127.0.0.4"));
	UNIT_I64(refused + 1, hostmem_total(METRIC_SIGNUPS_REFUSED));
}

static void
test_revoked_full(void)
{
	static const struct guard_row ended[] = {
		{"ended", "POST", ORDERS, USER, JSON, "k", "{}", 401, "unauthenticated"},
	};
	static const struct guard_row live[] = {
		{"live", "POST", ORDERS, USER, JSON, "k", "{}", 201, NULL},
	};

	struct exchange *exchange;

	web_clock(0);
	web_database_says(true);
	RUN(live);
	web_revoked_fill(true);
	RUN(ended);
	web_database_says(false);
	RUN(live);
	exchange = exchange_of(&live[0]);
	UNIT_I64(201, web_run(exchange));
	UNIT_I64(1, exchange->cost.db_calls);
	web_revoked_fill(false);
}

static void
test_revoked(void)
{
	static const struct guard_row rows[] = {
		{"after log-out", "POST", ORDERS, USER, JSON, "k", "{}", 401, "unauthenticated"},
	};

	web_clock(0);
	web_revoke();
	RUN(rows);
}

static void
test_deadline(void)
{
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", NULL};
	struct exchange *exchange = web_exchange("", params);

	exchange->request.deadline_ms = clock_mono_ms() - 1;
	UNIT_I64(503, web_run(exchange));
}

static const char *
passed_at(int64_t ms_ago)
{
	const int64_t ms = clock_wall_us() / 1000 - ms_ago;

	return arena_printf(unit_arena(), "PASSED_AT=%lld.%03d", (long long)ms / 1000,
			    (int)(ms % 1000));
}

static void
test_waited(void)
{
	static const char *const bad[] = {"PASSED_AT=",       "PASSED_AT=yesterday",
					  "PASSED_AT=1.5",    "PASSED_AT=99999999999999999.000",
					  "PASSED_AT=-1.000", "PASSED_AT=1.x23"};
	static const struct {
		const char *name;
		int64_t ms_ago;
		int status;
	} table[] = {
		{"new", 0, 200},
		{"within the deadline", 800, 200},
		{"past the deadline", 1001, 503},
		{"a minute ago", 59000, 503},
		{"longer than any wait: the clock was set", 61000, 200},
		{"in the future: the clock was set", -5000, 200},
	};
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", NULL, NULL};
	const uint64_t late = hostmem_total(METRIC_REQUESTS_LATE);
	struct exchange *exchange;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unit_row(table[i].name);
		params[2] = passed_at(table[i].ms_ago);
		UNIT_I64(table[i].status, web_run(web_exchange("", params)));
	}
	params[2] = arena_printf(unit_arena(), "PASSED_AT=%lld.007",
				 (long long)clock_wall_us() / 1000000 - 3);
	UNIT_I64(503, web_run(web_exchange("", params)));
	UNIT_I64(late + 3, hostmem_total(METRIC_REQUESTS_LATE));
	unit_row("within the deadline the handler has its whole time");
	params[2] = passed_at(800);
	exchange = web_exchange("", params);
	UNIT_TRUE(exchange->request.deadline_ms > clock_mono_ms() + 900);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_row(bad[i]);
		params[2] = bad[i];
		exchange = web_exchange("", params);
		UNIT_I64(0, exchange->request.waited_ms);
		UNIT_I64(200, web_run(exchange));
	}
}

static void
test_gone(void)
{
	const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", NULL, NULL};
	const char *unknown[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/none", NULL};
	struct exchange *exchange = web_exchange("", params);
	const uint64_t gone = hostmem_total(METRIC_REQUESTS_GONE);
	const uint64_t late = hostmem_total(METRIC_REQUESTS_LATE);

	web_client_goes(true);
	UNIT_I64(499, web_run(exchange));
	UNIT_I64(0, exchange->response.body.len);
	unit_row("late as well");
	params[2] = passed_at(5000);
	UNIT_I64(499, web_run(web_exchange("", params)));
	unit_row("refused before");
	UNIT_I64(404, web_run(web_exchange("", unknown)));
	web_client_goes(false);
	UNIT_I64(gone + 2, hostmem_total(METRIC_REQUESTS_GONE));
	UNIT_I64(late, hostmem_total(METRIC_REQUESTS_LATE));
}

static void
test_request(void)
{
	const char *params[] = {"REQUEST_METHOD=GET",
				"REQUEST_URI=/api/events?kind=%EA%B3%B5%20+x&cursor=a%2Bb%3D",
				"TRACE_ID=0123456789abcdef0123456789abcdef", NULL};
	struct exchange *exchange = web_exchange("", params);
	const struct request *request = &exchange->request;
	const struct web_events *query;

	UNIT_I64(200, web_run(exchange));
	UNIT_TEXT("/api/events", request->path);
	query = request->query;
	UNIT_TEXT("공  x", query->kind);
	UNIT_TEXT("a+b=", query->cursor);
	UNIT_I64(20, query->limit);
	UNIT_I64(2, request->pair_count);
	UNIT_TEXT("0123456789abcdef0123456789abcdef", request->trace_id);
	UNIT_CONTAINS("00-0123456789abcdef0123456789abcdef-", request->traceparent);
	UNIT_I64(55, strlen(request->traceparent));
}

static void
test_trace(void)
{
	static const char *const bad[] = {"TRACE_ID=", "TRACE_ID=xyz",
					  "TRACE_ID=00000000000000000000000000000000",
					  "TRACE_ID=0123456789ABCDEF0123456789ABCDEF"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *params[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/api/events", bad[i],
					NULL};
		struct exchange *exchange = web_exchange("", params);

		unit_row(bad[i]);
		UNIT_I64(32, strspn(exchange->request.trace_id, "0123456789abcdef"));
		UNIT_TRUE(strcmp(exchange->request.trace_id, bad[i] + 9) != 0);
	}
}

static void
test_uri(void)
{
	char *uri = arena_alloc(unit_arena(), 5000);
	const char *params[] = {"REQUEST_METHOD=GET", NULL, NULL};

	memset(uri, 'a', 4999);
	memcpy(uri, "REQUEST_URI=/api/events?kind=", 29);
	params[1] = uri;
	UNIT_I64(414, web_run(web_exchange("", params)));
}

const struct unit_case web_guard_cases[] = {
	{"a path, a method or a query that no row takes is refused", test_address},
	{"a token is asked for, and its role", test_token},
	{"a body is JSON by its type", test_type},
	{"a key is asked for and is plain", test_key},
	{"a body has the shape of its row", test_body},
	{"the first fault in the contract's order is named", test_order},
	{"tokens are refused while the clock is too old", test_clock},
	{"the body has the announced length or is refused", test_length},
	{"log-ins are limited by address except for trusted ones", test_rate},
	{"sign-ups are limited by address and hour", test_signups},
	{"a request past its deadline is not begun", test_deadline},
	{"a request that waited past the deadline is not begun", test_waited},
	{"a request of a client that has gone is not begun", test_gone},
	{"the query is decoded", test_request},
	{"a trace id that is none is replaced", test_trace},
	{"an address over 4096 bytes is refused", test_uri},
	{"while the table of ended sessions is full the database is asked", test_revoked_full},
	{"a revoked session is refused", test_revoked},
	{NULL, NULL},
};
