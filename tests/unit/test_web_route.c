#include "config.h"

#include <string.h>

#include "test_web.h"
#include "web/route.h"

#define HOLD "0b7d9c5e-1c2d-4e3f-8a9b-0c1d2e3f4a5b"

static enum route_match
find(enum method method, const char *path, const struct route **route_r,
     struct request_param params_r[REQUEST_PARAMS_MAX], const char **allow_r)
{
	*route_r = NULL;
	*allow_r = NULL;
	return route_find(&web_table, method, path, unit_arena(), route_r, params_r, allow_r);
}

static void
test_paths(void)
{
	static const struct {
		const char *name;
		enum method method;
		const char *path;
		enum route_match match;
		const char *template;
	} table[] = {
		{"a fixed path", METHOD_GET, "/api/events", ROUTE_FOUND, "/api/events"},
		{"an id", METHOD_GET, "/api/events/7", ROUTE_FOUND, "/api/events/{id:int}"},
		{"the greatest id", METHOD_GET, "/api/events/2147483647", ROUTE_FOUND,
		 "/api/events/{id:int}"},
		{"HEAD is as GET", METHOD_HEAD, "/api/events/7", ROUTE_FOUND,
		 "/api/events/{id:int}"},
		{"two ids", METHOD_DELETE, "/api/shows/3/holds/" HOLD, ROUTE_FOUND,
		 "/api/shows/{show:int}/holds/{hold:uuid}"},
		{"an id past int4", METHOD_GET, "/api/events/2147483648", ROUTE_NO_PATH, NULL},
		{"an id past int8", METHOD_GET, "/api/events/99999999999999999999", ROUTE_NO_PATH,
		 NULL},
		{"zero", METHOD_GET, "/api/events/0", ROUTE_NO_PATH, NULL},
		{"a negative id", METHOD_GET, "/api/events/-1", ROUTE_NO_PATH, NULL},
		{"a leading zero", METHOD_GET, "/api/events/07", ROUTE_NO_PATH, NULL},
		{"a plus", METHOD_GET, "/api/events/+7", ROUTE_NO_PATH, NULL},
		{"a word for an id", METHOD_GET, "/api/events/seven", ROUTE_NO_PATH, NULL},
		{"no id", METHOD_GET, "/api/events/", ROUTE_NO_PATH, NULL},
		{"a trailing slash", METHOD_GET, "/api/events/7/", ROUTE_NO_PATH, NULL},
		{"a double slash", METHOD_GET, "/api//events", ROUTE_NO_PATH, NULL},
		{"a longer path", METHOD_GET, "/api/eventsx", ROUTE_NO_PATH, NULL},
		{"a shorter path", METHOD_GET, "/api/event", ROUTE_NO_PATH, NULL},
		{"upper case", METHOD_GET, "/API/EVENTS", ROUTE_NO_PATH, NULL},
		{"an encoded letter", METHOD_GET, "/api/%65vents", ROUTE_NO_PATH, NULL},
		{"the empty path", METHOD_GET, "", ROUTE_NO_PATH, NULL},
		{"a short uuid", METHOD_GET, "/api/shows/3/holds/0b7d9c5e", ROUTE_NO_PATH, NULL},
		{"another method", METHOD_POST, "/api/events", ROUTE_NO_METHOD, "/api/events"},
		{"an unknown method", METHOD_MAX, "/api/events", ROUTE_NO_METHOD, "/api/events"},
		{"OPTIONS", METHOD_OPTIONS, "/api/events", ROUTE_FOUND, "/api/events"},
		{"OPTIONS of nothing", METHOD_OPTIONS, "/api/nothing", ROUTE_NO_PATH, NULL},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct route *route;
		struct request_param params[REQUEST_PARAMS_MAX];
		const char *allow;

		unit_row(table[i].name);
		UNIT_I64(table[i].match,
			 find(table[i].method, table[i].path, &route, params, &allow));
		UNIT_TEXT(table[i].template, route != NULL ? route->path : NULL);
	}
}

static void
test_params(void)
{
	struct request_param params[REQUEST_PARAMS_MAX];
	const struct route *route;
	const char *allow;
	char text[UUID_TEXT_SIZE];

	UNIT_I64(ROUTE_FOUND,
		 find(METHOD_GET, "/api/shows/42/holds/" HOLD, &route, params, &allow));
	UNIT_I64(42, params[0].id);
	uuid_format(&params[1].uuid, text);
	UNIT_TEXT(HOLD, text);
}

static void
test_allow(void)
{
	struct request_param params[REQUEST_PARAMS_MAX];
	const struct route *route;
	const char *allow;

	find(METHOD_POST, "/api/shows/42/holds/" HOLD, &route, params, &allow);
	UNIT_TEXT("GET, HEAD, DELETE, OPTIONS", allow);
	find(METHOD_OPTIONS, "/api/auth/login", &route, params, &allow);
	UNIT_TEXT("POST, OPTIONS", allow);
}

static bool
has_code(const struct route *route, enum code code)
{
	enum code codes[CODE_MAX];
	size_t count = route_codes(route, codes, CODE_MAX);

	for (size_t i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

static void
test_codes(void)
{
	const struct route *events = &web_table.rows[0], *orders = &web_table.rows[6];

	UNIT_TRUE(has_code(events, CODE_BAD_CURSOR));
	UNIT_TRUE(has_code(events, CODE_UNAVAILABLE));
	UNIT_FALSE(has_code(events, CODE_UNAUTHENTICATED));
	UNIT_FALSE(has_code(events, CODE_NOT_FOUND));
	UNIT_FALSE(has_code(events, CODE_BAD_JSON));
	UNIT_TRUE(has_code(orders, CODE_IDEMPOTENCY_KEY_REQUIRED));
	UNIT_TRUE(has_code(orders, CODE_IDEMPOTENCY_IN_FLIGHT));
	UNIT_TRUE(has_code(orders, CODE_TOKEN_EXPIRED));
	UNIT_TRUE(has_code(orders, CODE_NOT_FOUND));
	UNIT_FALSE(has_code(orders, CODE_FORBIDDEN));
}

const struct unit_case web_route_cases[] = {
	{"a path finds its row or none", test_paths},
	{"ids of the path are read in order", test_params},
	{"Allow names the methods of a path", test_allow},
	{"the codes of a row follow from its columns", test_codes},
	{NULL, NULL},
};
