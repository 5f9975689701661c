/*
 * Row of the route table, and the search for a row. The table itself is api/routes.c. nginx's
 * pools, OpenAPI, the labels of the metrics and the matrix of the tests are made from it.
 */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "json/jin.h"
#include "web/request.h"

struct response;
struct core; /* the domain's context, opaque here */

enum route_cache {
	ROUTE_NO_STORE,
	ROUTE_PUBLIC,    /* public, max-age=1, stale-while-revalidate=1 */
	ROUTE_IMMUTABLE, /* public, max-age=31536000, immutable */
};

enum route_flag {
	ROUTE_IDEMPOTENT = 1 << 0,   /* Idempotency-Key is required */
	ROUTE_LOOPBACK = 1 << 1,     /* 404 unless the client is this machine */
	ROUTE_LOGIN = 1 << 2,        /* counts towards the limit of log-ins per address */
	ROUTE_TEST = 1 << 3,         /* only with config_has_test_routes(); absent from OpenAPI */
	ROUTE_PAGE = 1 << 4,         /* for people, no JSON; absent from OpenAPI */
	ROUTE_KEY_OPTIONAL = 1 << 5, /* an Idempotency-Key may be given */
	ROUTE_SIGNUP = 1 << 6,       /* with ROUTE_LOGIN: has a limit per address of its own, too */
	ROUTE_TAKES_KEY = ROUTE_IDEMPOTENT | ROUTE_KEY_OPTIONAL,
};

#define ROUTE_CODES_MAX 12
#define ROUTE_ANSWERS_MAX 3

/* A 2xx answer: its status and the name of its schema in api/schemas.json; NULL: no body, or a
 * page. */
struct route_answer {
	int status;
	const char *schema;
};

struct route {
	enum method method;
	const char *path; /* "/api/shows/{show:int}/holds/{hold:uuid}" */
	const char *name; /* of the operation in OpenAPI: noun and verb of the handler */
	enum err (*handle)(struct core *core, const struct request *request,
			   struct response *response);
	enum role who;   /* least role; ROLE_NONE: everybody */
	bool is_owned;   /* only the owner of the object in the path may see it: others get 404 */
	unsigned flags;  /* enum route_flag */
	size_t body_max; /* bytes; 0: the default of 64 KiB */
	const struct jin_shape *shape; /* of the body; NULL: empty body or {} */
	const struct jin_shape *query; /* of the parameters after the "?"; NULL: none */
	enum route_cache cache;
	const char *pool; /* pool that nginx sends it to: catalog, booking, account, login, admin */
	const char *doc;  /* one line */
	struct route_answer answers[ROUTE_ANSWERS_MAX];
	enum code codes[ROUTE_CODES_MAX]; /* in addition to the codes of route_codes() */
};

struct route_table {
	const struct route *rows;
	size_t count;
};

/* A list is a route that takes a cursor. */
bool
route_is_list(const struct route *route);

/* All codes that the row can answer with: its own, and the general ones that follow from its
 * columns (token → 401, body → 400 413 415 422, ids in the path → 404, idempotent → 400 409 422,
 * database → 500 503 …). */
size_t
route_codes(const struct route *route, enum code codes_r[], size_t max);

/* The path for people and for OpenAPI: "/api/shows/{show}/holds/{hold}". */
const char *
route_plain_path(const struct route *route, struct arena *arena);

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

/*
 * Finds the row for (method, path) and fills `params_r`. HEAD finds GET. A method that we do not
 * know is given as METHOD_MAX. For ROUTE_NO_METHOD and OPTIONS, `route_r` is the first row of the
 * path and `allow_r` receives "GET, HEAD, OPTIONS" (arena). A malformed id in the path gives
 * ROUTE_NO_PATH.
 */
enum route_match
route_find(const struct route_table *table, enum method method, const char *path,
	   struct arena *arena, const struct route **route_r,
	   struct request_param params_r[REQUEST_PARAMS_MAX], const char **allow_r);

#endif
