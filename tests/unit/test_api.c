/* The route table and what is made from it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "api/list.h"
#include "api/openapi.h"
#include "api/problems.h"
#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "core/directory/event.h"
#include "core/states.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "unit.h"
#include "web/request.h"

/* --- the table --- */

static bool
is_pool(const char *name)
{
	static const char *const pools[] = {"catalog", "booking", "account", "login", "admin"};

	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		if (name != NULL && strcmp(pools[i], name) == 0)
			return true;
	return false;
}

static void
test_rows_are_complete(void)
{
	const struct route_table *table = api_routes(true);

	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];

		unit_row(api_routes_names(true)[i]);
		UNIT_TRUE(row->handle != NULL);
		UNIT_TRUE(is_pool(row->pool));
		UNIT_TRUE(row->doc != NULL && row->doc[0] != '\0');
		UNIT_TRUE(row->shape == NULL || row->shape->size > 0);
		if ((row->flags & ROUTE_TEST) != 0)
			continue;
		UNIT_TRUE(row->answers[0].status >= 200);
		UNIT_FALSE(row->is_owned && row->who == ROLE_NONE);
		UNIT_FALSE((row->flags & ROUTE_IDEMPOTENT) != 0 && row->who == ROLE_NONE);
		UNIT_FALSE(row->cache != ROUTE_NO_STORE && row->who != ROLE_NONE);
		UNIT_FALSE(row->method == METHOD_GET && row->shape != NULL);
	}
}

static void
test_rows_are_found(void)
{
	const struct route_table *table = api_routes(true);

	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i], *found = NULL;
		struct request_param params[REQUEST_PARAMS_MAX];
		struct buf path;
		const char *allow = NULL;

		unit_row(api_routes_names(true)[i]);
		buf_init(&path, unit_arena());
		for (const char *c = row->path; *c != '\0'; c++) {
			if (*c != '{') {
				buf_putc(&path, *c);
				continue;
			}
			c = strchr(c, ':');
			buf_puts(&path, strncmp(c, ":uuid}", 6) == 0
						? "0198c0de-0000-4000-8000-000000000001"
					: strncmp(c, ":code}", 6) == 0 ? "seats_taken"
								       : "7");
			c = strchr(c, '}');
		}
		UNIT_I64(ROUTE_FOUND, route_find(table, row->method, buf_text(&path), unit_arena(),
						 &found, params, &allow));
		UNIT_TRUE(found == row);
	}
}

/* Who may use a path, said a second time: a row with another role would still agree with itself,
 * with OpenAPI and with all tests that are made from the table. */
static enum role
role_for(const char *path)
{
	static const char *const everybody[] = {
		"/api/auth/signup",
		"/api/auth/login",
		"/api/auth/refresh",
		"/api/events",
		"/api/events/{id:int}",
		"/api/events/{id:int}/dates",
		"/api/events/{id:int}/shows",
		"/api/shows/{id:int}",
		"/api/layouts/{id:int}",
		"/api/shows/{id:int}/availability",
		"/api/openapi.json",
		"/healthz",
		"/readyz",
		"/metrics",
		"/api/",
		"/problems/",
		"/problems/{code:code}",
		"/problems/style.css",
	};

	for (size_t i = 0; i < sizeof(everybody) / sizeof(everybody[0]); i++)
		if (strcmp(everybody[i], path) == 0)
			return ROLE_NONE;
	if (strcmp(path, "/api/shows/{id:int}/checkins") == 0)
		return ROLE_OPERATOR;
	return strncmp(path, "/api/admin/", 11) == 0 ? ROLE_ADMIN : ROLE_USER;
}

static bool
ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void
test_rows_are_guarded(void)
{
	const struct route_table *table = api_routes(true);

	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];
		bool is_key_needed =
			row->method == METHOD_POST && row->who == ROLE_USER &&
			(ends_with(row->path, "/orders") || ends_with(row->path, "/payments") ||
			 ends_with(row->path, "/cancel") || ends_with(row->path, "/charges"));

		unit_row(api_routes_names(true)[i]);
		if ((row->flags & ROUTE_TEST) != 0)
			continue;
		UNIT_TEXT(role_name(role_for(row->path)), role_name(row->who));
		UNIT_I64(strstr(row->path, ":uuid}") != NULL, row->is_owned);
		UNIT_I64(is_key_needed, (row->flags & ROUTE_IDEMPOTENT) != 0);
		UNIT_I64(strcmp(row->path, "/metrics") == 0, (row->flags & ROUTE_LOOPBACK) != 0);
		UNIT_I64(ends_with(row->path, "/login") || ends_with(row->path, "/signup"),
			 (row->flags & ROUTE_LOGIN) != 0);
		UNIT_I64(ends_with(row->path, "/signup"), (row->flags & ROUTE_SIGNUP) != 0);
		UNIT_TRUE(row->body_max == 0 || ends_with(row->path, "/layouts"));
	}
}

static void
test_test_rows(void)
{
	const struct route_table *table = api_routes(false);

	for (size_t i = 0; i < table->count; i++)
		UNIT_TRUE((table->rows[i].flags & ROUTE_TEST) == 0);
#ifdef ENABLE_TEST_ROUTES
	UNIT_TRUE(api_routes(true)->count > table->count);
#else
	UNIT_I64(table->count, api_routes(true)->count);
#endif
	UNIT_TEXT("none", api_routes_names(false)[table->count]);
	UNIT_TRUE(api_routes(true)->count < HOSTMEM_ROUTES_MAX);
}

/* --- codes --- */

/* Codes that no row answers with, and why. */
static const struct {
	enum code code;
	const char *why;
} unused[] = {
	{CODE_METHOD_NOT_ALLOWED, "of no row: answered for a path that others have"},
	{CODE_CARD_DECLINED, "cards are not offered"},
	{CODE_GATEWAY_UNAVAILABLE, "cards are not offered"},
	{CODE_PASS_REQUIRED, "there is no waiting room"},
	{CODE_NOT_YOUR_TURN, "there is no waiting room"},
	{CODE_TURN_MISSED, "there is no waiting room"},
};

static bool
is_unused(enum code code)
{
	for (size_t i = 0; i < sizeof(unused) / sizeof(unused[0]); i++)
		if (unused[i].code == code)
			return true;
	return false;
}

static void
test_codes(void)
{
	const struct route_table *table = api_routes(false);
	bool is_used[CODE_MAX] = {false};
	enum code codes[CODE_MAX];

	for (size_t i = 0; i < table->count; i++) {
		size_t count = problems_of(&table->rows[i], codes);

		for (size_t j = 0; j < count; j++)
			is_used[codes[j]] = true;
	}
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		unit_row(code_info(code)->name);
		UNIT_I64(!is_unused(code), is_used[code]);
	}
}

/* --- OpenAPI --- */

static const struct jval *
openapi(void)
{
	const struct jval *document = NULL;
	struct buf buf;

	buf_init(&buf, unit_arena());
	openapi_render(&buf);
	UNIT_I64(ERR_OK, jin_parse(unit_arena(), buf.data, buf.len, NULL, &document));
	return document;
}

/* The path as OpenAPI writes it. */
static const char *
template_of(const char *path)
{
	char *plain = arena_strdup(unit_arena(), path), *end = plain;

	for (const char *c = path; *c != '\0'; c++) {
		if (*c == ':')
			c = strchr(c, '}');
		*end++ = *c;
	}
	*end = '\0';
	return plain;
}

static void
test_openapi_has_every_row(void)
{
	static const char *const keys[METHOD_MAX] = {[METHOD_GET] = "get",
						     [METHOD_POST] = "post",
						     [METHOD_PATCH] = "patch",
						     [METHOD_DELETE] = "delete"};
	const struct route_table *table = api_routes(false);
	const struct jval *paths = jin_get(openapi(), "paths"), *path, *operation;
	size_t cursor = 0, inner, count = 0;
	int64_t rows = 0;
	const char *key, *method;

	for (size_t i = 0; i < table->count; i++) {
		unit_row(api_routes_names(false)[i]);
		path = jin_get(paths, template_of(table->rows[i].path));
		if ((table->rows[i].flags & ROUTE_PAGE) != 0) {
			UNIT_TRUE(path == NULL);
			continue;
		}
		rows++;
		/* A row names its handler by CALLS(noun_verb). */
		UNIT_TRUE(table->rows[i].name != NULL);
		if (UNIT_TRUE(path != NULL))
			UNIT_TRUE(jin_get(path, keys[table->rows[i].method]) != NULL);
	}
	unit_row("no other");
	while (jin_object_next(paths, &cursor, &key, &path))
		for (inner = 0; jin_object_next(path, &inner, &method, &operation);)
			count++;
	UNIT_I64(rows, count);
}

/* Walks the document: every reference leads somewhere, every object schema is closed. */
static void
check_value(const struct jval *root, const struct jval *value, const char *where)
{
	static const char prefix[] = "#/components/";
	const struct jval *member;
	size_t cursor = 0;
	const char *key;

	for (size_t i = 0; jin_is_array(value) && i < jin_array_length(value); i++)
		check_value(root, jin_array_at(value, i), where);
	if (!jin_is_object(value))
		return;
	member = jin_get(value, "$ref");
	if (member != NULL) {
		const char *name = jin_text(member), *slash;
		const struct jval *kind;

		unit_row(name);
		if (!UNIT_TRUE(strncmp(name, prefix, strlen(prefix)) == 0))
			return;
		name += strlen(prefix);
		slash = strchr(name, '/');
		kind = jin_get(jin_get(root, "components"),
			       arena_strndup(unit_arena(), name, (size_t)(slash - name)));
		UNIT_TRUE(kind != NULL && jin_get(kind, slash + 1) != NULL);
		return;
	}
	member = jin_get(value, "properties");
	if (member != NULL && jin_get(value, "type") != NULL) {
		unit_row(where);
		UNIT_TRUE(jin_get(value, "additionalProperties") != NULL &&
			  !jin_get_bool(value, "additionalProperties"));
		UNIT_TRUE(jin_get(value, "required") != NULL);
	}
	while (jin_object_next(value, &cursor, &key, &member))
		check_value(root, member, key);
}

static void
test_openapi_is_closed(void)
{
	const struct jval *document = openapi();

	check_value(document, document, "");
}

/* The schemas that answers name exist, and each one is named by somebody. */
static void
test_answers_have_schemas(void)
{
	const struct route_table *table = api_routes(false);
	const struct jval *schemas = jin_get(jin_get(openapi(), "components"), "schemas");

	for (size_t i = 0; i < table->count; i++) {
		for (size_t j = 0; j < ROUTE_ANSWERS_MAX; j++) {
			const char *name = table->rows[i].answers[j].schema;

			unit_row(name);
			if (name != NULL)
				UNIT_TRUE(jin_get(schemas, name) != NULL);
		}
	}
}

static const struct jin_field *
parameter(const struct jin_shape *shape, const char *name)
{
	const struct jin_field *field = shape != NULL ? shape->fields : NULL;

	while (field != NULL && field->name != NULL && strcmp(field->name, name) != 0)
		field++;
	return field != NULL && field->name != NULL ? field : NULL;
}

static void
check_values(const char *path, const char *name, const char *const *values)
{
	const struct route_table *table = api_routes(false);

	unit_row(name);
	for (size_t i = 0; i < table->count; i++) {
		const struct jin_field *field;

		if (table->rows[i].method != METHOD_GET || strcmp(table->rows[i].path, path) != 0)
			continue;
		field = parameter(table->rows[i].query, name);
		if (UNIT_TRUE(field != NULL))
			UNIT_TRUE(field->values == values);
	}
}

static void
test_query_values(void)
{
	check_values("/api/events", "kind", event_kinds);
	check_values("/api/events", "rating", event_ratings);
	check_values("/api/me/orders", "state", states_of(STATES_ORDER));
	check_values("/api/admin/shows/{id:int}/orders", "state", states_of(STATES_ORDER));
}

static void
test_limits(void)
{
	static const struct {
		const char *limit;
		int64_t expected; /* 0: refused */
	} rows[] = {{NULL, 20}, {"1", 1},  {"100", 100}, {"0", 0},
		    {"101", 0}, {"-1", 0}, {"", 0},      {"1.0", 0},
		    {"1e1", 0}, {" 1", 0}, {"01", 0},    {"99999999999999999999", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct jin_pair pair = {.name = "limit", .value = rows[i].limit};
		struct list_page page = {.limit = 0};
		struct failure failure;

		unit_row(rows[i].limit != NULL ? rows[i].limit : "absent");
		failure_init(&failure, unit_arena());
		UNIT_I64(rows[i].expected > 0 ? ERR_OK : ERR_INVALID,
			 jin_read_query(unit_arena(), &pair, rows[i].limit != NULL, &api_list_query,
					&page, &failure));
		if (rows[i].expected > 0)
			UNIT_I64(rows[i].expected, page.limit);
		UNIT_TRUE(page.cursor == NULL);
	}
}

static void
test_routes_json(void)
{
	const struct jval *list = NULL;
	struct buf buf;

	buf_init(&buf, unit_arena());
	api_routes_json(&buf);
	UNIT_I64(ERR_OK, jin_parse(unit_arena(), buf.data, buf.len, NULL, &list));
	UNIT_I64(api_routes(false)->count, jin_array_length(list));
}

static const struct unit_case cases[] = {
	{"every row of the table is complete", test_rows_are_complete},
	{"every row is found by its path", test_rows_are_found},
	{"every row asks for the role, the key and the owner that its path needs",
	 test_rows_are_guarded},
	{"routes for tests are there only on demand", test_test_rows},
	{"every code is answered by a row, or known not to be", test_codes},
	{"OpenAPI has every row and no other", test_openapi_has_every_row},
	{"references of OpenAPI lead somewhere and objects are closed", test_openapi_is_closed},
	{"answers have their schemas", test_answers_have_schemas},
	{"values of query parameters are those of the domain", test_query_values},
	{"a limit is 1 to 100", test_limits},
	{"the table is written as JSON", test_routes_json},
	{NULL, NULL},
};

static const struct unit_suite suites[] = {{"api", cases}, {NULL, NULL}};

int
main(void)
{
	return unit_run(suites);
}
