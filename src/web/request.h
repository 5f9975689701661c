/*
 * One request as a handler sees it. Before the handler is called, everything is parsed, checked and
 * in the arena.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/role.h"
#include "base/uuid.h"
#include "json/jin.h"

struct arena;
struct route;

#define REQUEST_PARAMS_MAX 3 /* placeholders of a path template */
#define REQUEST_PAIRS_MAX 16 /* query parameters of one request */

enum method {
	METHOD_GET,
	METHOD_POST,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_HEAD,
	METHOD_OPTIONS,
	METHOD_MAX
};

struct request_param {
	int64_t id;       /* {show:int}: 1 … 2^31-1 */
	struct uuid uuid; /* {hold:uuid} */
};

struct request {
	struct arena *arena;
	struct failure *failure;
	const struct route *route;
	enum method method;
	const char *path;                                /* as sent, without the query */
	struct request_param params[REQUEST_PARAMS_MAX]; /* in template order */
	struct jin_pair pairs[REQUEST_PAIRS_MAX];        /* the query as it was given */
	size_t pair_count;
	const void *query; /* the struct of route->query, filled; NULL when the route has none */
	const char *body;  /* raw bytes, "" when there are none */
	size_t body_len;
	const void *input; /* the struct of route->shape, filled; NULL when the route has none */
	uint8_t body_hash[32];       /* fingerprint of the body for idempotency */
	const char *idempotency_key; /* NULL unless the route takes one */
	const char *if_none_match;   /* NULL when absent */
	const char *address;         /* of the client, as nginx saw it */
	const char *agent;           /* User-Agent, as sent; "" when absent or not passed on */
	const char *trace_id;        /* 32 hex digits */
	const char *traceparent;     /* "00-<trace>-<span>-01" to pass on */
	struct uuid user_id;         /* zero when nobody */
	struct uuid session_id;
	enum role role;
	int64_t token_expires_at; /* Unix s */
	int64_t waited_ms;        /* for a worker of the pool */
	int64_t deadline_ms;      /* clock_mono_ms() */
};

const char *
method_name(enum method method);

#endif
