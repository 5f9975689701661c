#include "config.h"

#include "web/guard.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "conf/config.h"
#include "crypt/crypt.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "web/exchange.h"
#include "web/query.h"

/* Is `address` one of the words of `list`? */
static bool
is_listed(const char *list, const char *address)
{
	size_t address_len = strlen(address);

	while (*list != '\0') {
		size_t len = strcspn(list, " ");

		if (len == address_len && len > 0 && memcmp(list, address, len) == 0)
			return true;
		list += len;
		list += strspn(list, " ");
	}
	return false;
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
	       strcmp(address, "unix:") == 0;
}

/* Is this route hidden from this client, or from everybody on this installation? */
static bool
is_hidden(const struct exchange *exchange, const struct route *route)
{
	/* guard: routes for tests */
	if ((route->flags & ROUTE_TEST) != 0 && !config_has_test_routes(exchange->serve->config))
		return true;
	/* guard: loopback */
	return (route->flags & ROUTE_LOOPBACK) != 0 && !is_loopback(exchange->request.address);
}

static enum err
check_route(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	const struct route *route = NULL;

	/* guard: length of the address */
	if (strlen(exchange->uri) > GUARD_URI_MAX)
		return fail(&exchange->failure, CODE_URI_TOO_LONG,
			    "the address is longer than %d bytes", GUARD_URI_MAX);
	exchange->match = route_find(exchange->serve->routes, request->method, request->path,
				     request->arena, &route, request->params, &exchange->allow);
	if (exchange->match == ROUTE_NO_PATH || is_hidden(exchange, route))
		return fail(&exchange->failure, CODE_NOT_FOUND, "there is nothing at this address");
	request->route = route;
	return ERR_OK;
}

static enum err
check_method(struct exchange *exchange)
{
	/* guard: method */
	if (exchange->match == ROUTE_NO_METHOD)
		return fail(&exchange->failure, CODE_METHOD_NOT_ALLOWED, "allowed here: %s",
			    exchange->allow);
	exchange->is_options = exchange->request.method == METHOD_OPTIONS;
	return ERR_OK;
}

static enum err
check_body_size(struct exchange *exchange)
{
	const char *text = exchange->content_length_text;
	size_t max = exchange->request.route->body_max;
	int64_t length = 0;

	if (max == 0)
		max = GUARD_BODY_MAX;
	if (*text != '\0' && (!text_parse_i64(text, strlen(text), &length) ||
			      /* guard: length is a number */ length < 0))
		return fail(&exchange->failure, CODE_BAD_REQUEST, "Content-Length is no number");
	/* guard: size of the body */
	if ((uint64_t)length > max)
		return fail(&exchange->failure, CODE_BODY_TOO_LARGE, "the body may have %zu bytes",
			    max);
	exchange->content_length = (size_t)length;
	return ERR_OK;
}

static enum err
refuse_rate(struct exchange *exchange, enum hostmem_throttle kind, enum metric metric,
	    const char *text)
{
	hostmem_add(metric, 1);
	exchange->failure.retry_after_s = hostmem_throttle_wait_s(kind);
	return fail(&exchange->failure, CODE_RATE_LIMITED, "%s", text);
}

static enum err
check_rate(struct exchange *exchange)
{
	const struct config *config = exchange->serve->config;
	const char *address = exchange->request.address;
	const unsigned flags = exchange->request.route->flags;

	if ((flags & ROUTE_LOGIN) == 0 || is_listed(config->server_trusted_addresses, address))
		return ERR_OK;
	if ((flags & ROUTE_SIGNUP) != 0 &&
	    /* guard: sign-ups of an address */
	    !hostmem_throttle(HOSTMEM_SIGNUPS, address, config->auth_address_signups))
		return refuse_rate(exchange, HOSTMEM_SIGNUPS, METRIC_SIGNUPS_REFUSED,
				   "too many sign-ups from this address in this hour");
	/* guard: log-ins of an address */
	if (!hostmem_throttle(HOSTMEM_LOGINS, address, config->auth_address_logins))
		return refuse_rate(exchange, HOSTMEM_LOGINS, METRIC_LOGINS_REFUSED,
				   "too many log-ins from this address in this minute");
	return ERR_OK;
}

/* The text after "Bearer "; NULL when there is none. */
static const char *
bearer(const char *authorization)
{
	if (strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

static enum err
check_revoked(struct exchange *exchange)
{
	const struct serve *serve = exchange->serve;
	bool is_revoked = hostmem_is_revoked(&exchange->request.session_id);

	/* guard: table is full */
	if (!is_revoked && hostmem_revoked_is_full()) {
		enum err err = serve->hooks->is_revoked(serve->core, &exchange->request,
							&exchange->cost, &is_revoked);

		if (err != ERR_OK)
			return err;
	}
	if (is_revoked)
		return fail(&exchange->failure, CODE_UNAUTHENTICATED, "the session has ended");
	return ERR_OK;
}

/*
 * The database's time decides, never this host's wall clock. The mirror reads the revoked sessions
 * first and the time second. A reading that is too old therefore also means that a revocation may
 * be missing here, so nobody is let in.
 */
static enum err
check_token(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	const char *text = bearer(exchange->authorization);
	struct token token;
	int64_t now_us, age_us = 0;

	if (request->route->who == ROLE_NONE)
		return ERR_OK;
	if (text == NULL || *text == '\0')
		/* guard: no token */
		return fail(&exchange->failure, CODE_UNAUTHENTICATED,
			    "an access token is needed: Authorization: Bearer …");
	now_us = hostmem_db_now_us(&age_us);
	if (now_us == 0 || /* guard: old clock */ age_us > HOSTMEM_CLOCK_AGE_MAX_US)
		return fail_log(&exchange->failure, CODE_UNAVAILABLE,
				"tokens cannot be judged: the mirror is %lld ms behind",
				now_us == 0 ? -1LL : (long long)(age_us / 1000));
	switch (token_read(request->arena, exchange->serve->secrets, text, now_us / 1000000,
			   &token)) {
	case TOKEN_BAD:
		/* guard: bad token */
		return fail(&exchange->failure, CODE_UNAUTHENTICATED,
			    "the access token is not valid");
	case TOKEN_EXPIRED:
		/* guard: expired token */
		return fail(&exchange->failure, CODE_TOKEN_EXPIRED,
			    "the access token has expired: refresh it");
	case TOKEN_OK:
		break;
	}
	request->user_id = token.user_id;
	request->session_id = token.session_id;
	request->role = token.role;
	request->token_expires_at = token.expires_at;
	/* guard: session has ended */
	return check_revoked(exchange);
}

/* Only routes of staff refuse a user. */
static enum err
refuse_role(struct exchange *exchange, enum role who)
{
	const struct serve *serve = exchange->serve;
	enum err err =
		fail(&exchange->failure, CODE_FORBIDDEN, "this needs the role %s", role_name(who));

	/* guard: refusal is noted */
	serve->hooks->note_refused(serve->core, &exchange->request, &exchange->cost);
	return err;
}

static enum err
check_role(struct exchange *exchange)
{
	enum role who = exchange->request.route->who;

	/* guard: role */
	if (exchange->request.role < who)
		return refuse_role(exchange, who);
	return ERR_OK;
}

/* "application/json", optionally with the charset UTF-8. */
static bool
is_json_type(const char *type)
{
	static const char json[] = "application/json";
	const char *rest, *charset;
	size_t len;

	if (strncasecmp(type, json, sizeof(json) - 1) != 0)
		return false;
	rest = type + sizeof(json) - 1;
	rest += strspn(rest, " \t");
	if (*rest != '\0' && *rest != ';')
		return false;
	charset = strcasestr(rest, "charset=");
	if (charset == NULL)
		return true;
	charset += strlen("charset=");
	charset += *charset == '"';
	len = strcspn(charset, "\"; \t");
	/* guard: charset */
	return len == 5 && strncasecmp(charset, "utf-8", 5) == 0;
}

static enum err
check_content_type(struct exchange *exchange)
{
	/* guard: JSON by its type */
	if (exchange->content_length == 0 || exchange->request.route->method == METHOD_GET ||
	    is_json_type(exchange->content_type))
		return ERR_OK;
	return fail(&exchange->failure, CODE_UNSUPPORTED_MEDIA_TYPE,
		    "send the body as application/json");
}

static enum err
check_key(struct exchange *exchange)
{
	const char *key = exchange->key_text;
	size_t len = strlen(key);

	if ((exchange->request.route->flags & ROUTE_TAKES_KEY) == 0)
		return ERR_OK;
	if (len == 0 && (exchange->request.route->flags & ROUTE_KEY_OPTIONAL) != 0)
		return ERR_OK;
	/* guard: key is there */
	if (len == 0)
		return fail(&exchange->failure, CODE_IDEMPOTENCY_KEY_REQUIRED,
			    "send an Idempotency-Key");
	/* guard: length of the key */
	if (len > 255)
		return fail(&exchange->failure, CODE_IDEMPOTENCY_KEY_INVALID,
			    "an Idempotency-Key has at most 255 characters");
	for (size_t i = 0; i < len; i++)
		/* guard: characters of the key */
		if (key[i] < '!' || key[i] > '~')
			return fail(&exchange->failure, CODE_IDEMPOTENCY_KEY_INVALID,
				    "an Idempotency-Key consists of visible ASCII");
	exchange->request.idempotency_key = key;
	return ERR_OK;
}

/* Reads exactly Content-Length bytes. Fewer or more mean that something between us and the client
 * is broken. */
static enum err
read_body(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	size_t len = exchange->content_length;
	char *body = arena_alloc(request->arena, len + 1);

	if (!exchange->source->read(body, len) ||
	    /* guard: announced length */ !exchange->source->is_at_end())
		return fail(&exchange->failure, CODE_BAD_REQUEST,
			    "the body does not have the announced length");
	request->body = body;
	request->body_len = len;
	return ERR_OK;
}

/* The body of a GET means nothing and is dropped. Where a route takes no body, no body counts as
 * {}. */
static enum err
check_syntax(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	enum err err = read_body(exchange);

	if (err != ERR_OK)
		return err;
	if (request->route->method == METHOD_GET) {
		request->body = "";
		request->body_len = 0;
		return ERR_OK;
	}
	if (request->body_len == 0 && request->route->shape == NULL) {
		request->body = "{}";
		request->body_len = 2;
	}
	if (request->idempotency_key != NULL)
		/* guard: fingerprint */
		crypt_hash(request->body, request->body_len, request->body_hash);
	return jin_parse(request->arena, request->body, request->body_len, &exchange->failure,
			 &exchange->document);
}

/* The shape also sets the defaults of absent parameters, so it is read without a query as well. */
static enum err
read_query(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	const struct jin_shape *shape = request->route->query;
	enum err err = ERR_OK, shape_err;
	void *query;

	if (exchange->query != NULL)
		err = query_read(request, exchange->query);
	if (shape == NULL)
		return err;
	query = arena_alloc(request->arena, shape->size);
	shape_err = jin_read_query(request->arena, request->pairs, request->pair_count, shape,
				   query, &exchange->failure);
	request->query = query;
	/* guard: values of the query */
	return err != ERR_OK ? err : shape_err;
}

static enum err
read_input(struct exchange *exchange)
{
	static const struct jin_field no_fields[] = {{.name = NULL}};
	static const struct jin_shape nothing = {.name = "Nothing", .fields = no_fields};
	struct request *request = &exchange->request;
	const struct jin_shape *shape = request->route->shape;
	void *input = NULL;

	/* guard: no body taken */
	if (exchange->document == NULL)
		return ERR_OK;
	if (shape == NULL)
		shape = &nothing;
	else
		input = arena_alloc(request->arena, shape->size);
	request->input = input;
	return jin_read(request->arena, exchange->document, shape, input, &exchange->failure);
}

static enum err
check_shape(struct exchange *exchange)
{
	enum err err = read_query(exchange);
	enum err body_err = read_input(exchange);

	if (err != ERR_OK || body_err != ERR_OK)
		return err != ERR_OK ? err : body_err;
	if (arena_is_over(exchange->request.arena))
		return fail(&exchange->failure, CODE_BODY_TOO_LARGE,
			    "the request needs more memory than one may have");
	return ERR_OK;
}

/* Work for a client that has gone would only keep those waiting who are still there. This is the
 * last moment to say so: once the handler runs, it runs to its end. */
static enum err
check_client(struct exchange *exchange)
{
	/* guard: client is there */
	if (exchange->source->is_gone()) {
		exchange->is_gone = true;
		hostmem_add(METRIC_REQUESTS_GONE, 1);
	}
	return ERR_OK;
}

/* Nothing has happened yet, so a client that has waited this long is told to try again. One that
 * has waited for less gets the whole time for its handler: work that is cut off halfway is worse
 * than work that was not begun. */
static enum err
check_deadline(struct exchange *exchange)
{
	const struct request *request = &exchange->request;
	bool is_late = clock_mono_ms() >= request->deadline_ms ||
		       /* guard: wait */ request->waited_ms >=
			       exchange->serve->config->server_request_deadline_ms;

	/* guard: deadline */
	if (is_late && !exchange->is_gone) {
		hostmem_add(METRIC_REQUESTS_LATE, 1);
		return fail_log(&exchange->failure, CODE_UNAVAILABLE,
				"the deadline passed before the handler was called");
	}
	return ERR_OK;
}

static const struct guard_phase {
	const char *name;
	enum err (*check)(struct exchange *exchange);
} phases[] = {
	{"route", check_route},
	{"method", check_method},
	{"body size", check_body_size},
	{"rate", check_rate},
	/* guard: token's turn */
	{"token", check_token},
	/* guard: role's turn */
	{"role", check_role},
	/* guard: Content-Type's turn */
	{"Content-Type", check_content_type},
	{"Idempotency-Key", check_key},
	{"syntax", check_syntax},
	{"shape", check_shape},
	{"client", check_client},
	{"deadline", check_deadline},
};

#define PHASES (sizeof(phases) / sizeof(phases[0]))

const char *
guard_phase_name(size_t index)
{
	return index < PHASES ? phases[index].name : NULL;
}

enum err
guard_run(struct exchange *exchange)
{
	for (size_t i = 0; i < PHASES && !exchange->is_options; i++) {
		enum err err = phases[i].check(exchange);

		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}
