/* What the tests of web/ share: a table, a configuration, tokens, a body from memory. */
#include "config.h"

#include "test_web.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/config.h"
#include "crypt/crypt.h"
#include "host/hostmem.h"
#include "web/answer.h"
#include "web/exchange.h"
#include "web/guard.h"

#define NOW_US INT64_C(1800000000000000)

struct hold_input {
	struct jin_i64s seats;
};

static const struct jin_field hold_fields[] = {
	{.name = "seats",
	 .type = JIN_I64_SET,
	 .offset = offsetof(struct hold_input, seats),
	 .is_required = true,
	 .min = 0,
	 .max = 100,
	 .count_max = 10},
	{.name = NULL},
};

static const struct jin_shape hold_shape = {
	.name = "Hold", .fields = hold_fields, .size = sizeof(struct hold_input)};

static const struct jin_field events_fields[] = {
	{.name = "kind", .type = JIN_TEXT, .offset = offsetof(struct web_events, kind), .max = 10},
	{.name = "limit",
	 .type = JIN_I64,
	 .offset = offsetof(struct web_events, limit),
	 .min = 1,
	 .max = 100,
	 .otherwise = 20},
	{.name = "cursor", .type = JIN_CURSOR, .offset = offsetof(struct web_events, cursor)},
	{.name = NULL},
};

static const struct jin_shape events_shape = {
	.name = "Events", .fields = events_fields, .size = sizeof(struct web_events)};

static enum err
handle_ok(struct core *core, const struct request *request, struct response *response)
{
	struct jout out = response_json(response);

	(void)core;
	jout_object(&out);
	jout_key_text(&out, "path", request->path);
	jout_end(&out);
	response->etag = "\"abc\"";
	return ERR_OK;
}

static enum err
handle_taken(struct core *core, const struct request *request, struct response *response)
{
	(void)core;
	buf_puts(&response->body, "half an answer");
	fail(request->failure, CODE_SEATS_TAKEN, "the seats are taken");
	fail_extra(request->failure, "seats", "[1,2]");
	return ERR_CONFLICT;
}

static enum err
handle_replay(struct core *core, const struct request *request, struct response *response)
{
	response->status = 201;
	response->is_replay = true;
	(void)core;
	(void)request;
	buf_puts(&response->body, "{}");
	return ERR_OK;
}

static const struct route rows[] = {
	{.method = METHOD_GET,
	 .path = "/api/events",
	 .handle = handle_ok,
	 .cache = ROUTE_PUBLIC,
	 .query = &events_shape},
	{.method = METHOD_GET, .path = "/api/events/{id:int}", .handle = handle_ok},
	{.method = METHOD_GET,
	 .path = "/api/layouts/{id:int}",
	 .handle = handle_ok,
	 .cache = ROUTE_IMMUTABLE},
	{.method = METHOD_POST,
	 .path = "/api/shows/{show:int}/holds",
	 .handle = handle_taken,
	 .who = ROLE_USER,
	 .shape = &hold_shape},
	{.method = METHOD_GET,
	 .path = "/api/shows/{show:int}/holds/{hold:uuid}",
	 .handle = handle_ok,
	 .who = ROLE_USER},
	{.method = METHOD_DELETE,
	 .path = "/api/shows/{show:int}/holds/{hold:uuid}",
	 .handle = handle_ok,
	 .who = ROLE_USER},
	{.method = METHOD_POST,
	 .path = "/api/shows/{show:int}/orders",
	 .handle = handle_replay,
	 .who = ROLE_USER,
	 .flags = ROUTE_IDEMPOTENT},
	{.method = METHOD_POST,
	 .path = "/api/admin/venues",
	 .handle = handle_replay,
	 .who = ROLE_ADMIN},
	{.method = METHOD_POST,
	 .path = "/api/auth/login",
	 .handle = handle_replay,
	 .flags = ROUTE_LOGIN},
	{.method = METHOD_POST,
	 .path = "/api/auth/signup",
	 .handle = handle_replay,
	 .flags = ROUTE_LOGIN | ROUTE_SIGNUP},
	{.method = METHOD_GET, .path = "/metrics", .handle = handle_ok, .flags = ROUTE_LOOPBACK},
	{.method = METHOD_GET, .path = "/api/test/x", .handle = handle_ok, .flags = ROUTE_TEST},
};

const struct route_table web_table = {.rows = rows, .count = sizeof(rows) / sizeof(rows[0])};

static struct config config = {
	.server_request_deadline_ms = 1000,
	.server_trusted_addresses = "10.0.0.1 127.0.0.1",
	.auth_address_logins = 3,
	.auth_address_signups = 2,
};
static struct secrets secrets = {
	.token_keys = {{.id = "k1", .bytes = {1, 2, 3}}},
	.token_key_count = 1,
};
static const struct uuid user = {.bytes = {1, 1, 1, 1, 1, 1, 0x41, 1, 0x81}};
static const struct uuid session = {.bytes = {2, 2, 2, 2, 2, 2, 0x42, 2, 0x82}};

static bool database_says;

static enum err
is_revoked(struct core *core, const struct request *request, struct answer_cost *cost,
	   bool *revoked_r)
{
	(void)core;
	cost->db_calls++;
	(void)request;
	*revoked_r = database_says;
	return ERR_OK;
}

static void
note_refused(struct core *core, const struct request *request, struct answer_cost *cost)
{
	(void)core;
	(void)request;
	(void)cost;
}

static const struct serve_hooks hooks = {.is_revoked = is_revoked, .note_refused = note_refused};
static const struct serve serve = {
	.config = &config,
	.secrets = &secrets,
	.routes = &web_table,
	.hooks = &hooks,
	.pool = "test",
};

static const char *body_text;
static size_t body_left;

static bool
read_body(char *data, size_t len)
{
	if (len > body_left)
		return false;
	memcpy(data, body_text, len);
	body_text += len;
	body_left -= len;
	return true;
}

static bool
is_body_at_end(void)
{
	return body_left == 0;
}

static bool is_gone;

static bool
is_client_gone(void)
{
	return is_gone;
}

void
web_client_goes(bool goes)
{
	is_gone = goes;
}

struct exchange *
web_exchange(const char *body, const char *const *params)
{
	static const struct exchange_source source = {
		.read = read_body, .is_at_end = is_body_at_end, .is_gone = is_client_gone};
	struct exchange *exchange = arena_alloc(unit_arena(), sizeof(*exchange));

	body_text = body;
	body_left = strlen(body);
	exchange_init(exchange, &serve, unit_arena(), params, &source, clock_mono_us());
	return exchange;
}

int
web_run(struct exchange *exchange)
{
	enum err err = guard_run(exchange);

	if (err == ERR_OK && !exchange->is_options && !exchange->is_gone)
		err = exchange->request.route->handle(NULL, &exchange->request,
						      &exchange->response);
	answer_finish(exchange, err);
	return exchange->response.status;
}

const char *
web_token(const char *role, int ttl_s)
{
	const int64_t now_s = NOW_US / 1000000;
	const struct token token = {
		.user_id = user,
		.session_id = session,
		.role = role_by_name(role),
		.expires_at = now_s + ttl_s,
	};
	const char *text;

	if (token_make(unit_arena(), &secrets, &token, now_s - 100, &text) != ERR_OK)
		return "";
	return arena_printf(unit_arena(), "HTTP_AUTHORIZATION=Bearer %s", text);
}

void
web_revoke(void)
{
	hostmem_revoke(&session, NOW_US / 1000000 + 900);
}

void
web_revoked_fill(bool is_full)
{
	struct uuid id;

	if (is_full) {
		do
			uuid_new(&id);
		while (hostmem_revoke(&id, NOW_US / 1000000 + 900));
	}
	/* A whole round without a refusal ends what the table says of itself. */
	for (int i = 0; i < 2 && !is_full; i++)
		hostmem_revoked_expire(NOW_US / 1000000 + 1000);
}

void
web_database_says(bool is_revoked)
{
	database_says = is_revoked;
}

void
web_clock(int64_t age_us)
{
	hostmem_clock_set(NOW_US - age_us, clock_mono_us() - age_us);
}

int
main(void)
{
	static const struct unit_suite suites[] = {
		{"addresses", web_address_cases},
		{"routes", web_route_cases},
		{"answers", web_answer_cases},
		{"guards", web_guard_cases}, /* last: it revokes the session of all tokens */
		{NULL, NULL},
	};

	crypt_init();
	hostmem_init();
	web_clock(0);
	return unit_run(suites);
}
