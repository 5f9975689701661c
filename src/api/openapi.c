#include "config.h"

#include "api/openapi.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/openapi_shape.h"
#include "api/problems.h"
#include "api/routes.h"
#include "api/schemas.h"
#include "base/arena.h"
#include "base/buf.h"
#include "json/jin.h"
#include "json/jout.h"
#include "web/route.h"

#define SHAPES_MAX 64

/* --- operations --- */

static const char *
operation_id(struct arena *arena, const struct route *route)
{
	char *id = arena_printf(arena, "%s%s", method_name(route->method),
				route_plain_path(route, arena));
	char *end = id;

	for (const char *c = id; *c != '\0'; c++) {
		if (*c == '/' || *c == '.')
			*end++ = '_';
		else if (*c != '{' && *c != '}')
			*end++ = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	}
	*end = '\0';
	return id;
}

static void
put_parameter(struct jout *out, const char *name, const char *in, bool is_required, const char *doc,
	      const char *schema)
{
	jout_object(out);
	jout_key_text(out, "name", name);
	jout_key_text(out, "in", in);
	if (doc != NULL)
		jout_key_text(out, "description", doc);
	jout_key_bool(out, "required", is_required);
	jout_key_raw(out, "schema", schema);
	jout_end(out);
}

static void
put_path_parameters(struct jout *out, const char *path)
{
	while ((path = strchr(path, '{')) != NULL) {
		const size_t len = strcspn(path, ":") - 1;
		const bool is_uuid = strncmp(path + len + 2, "uuid}", 5) == 0;

		put_parameter(out, arena_strndup(out->buf->arena, path + 1, len), "path", true,
			      NULL,
			      is_uuid ? "{\"type\":\"string\",\"format\":\"uuid\"}"
				      : "{\"type\":\"integer\",\"minimum\":1,"
					"\"maximum\":2147483647}");
		path++;
	}
}

static void
put_query_parameters(struct jout *out, const struct jin_shape *shape)
{
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++) {
		struct buf schema;
		struct jout members;

		buf_init(&schema, out->buf->arena);
		jout_init(&members, &schema);
		jout_object(&members);
		openapi_shape_value(&members, shape, field);
		jout_end(&members);
		put_parameter(out, field->name, "query", false, field->doc, buf_text(&schema));
	}
}

static void
put_parameters(struct jout *out, const struct route *route)
{
	jout_key(out, "parameters");
	jout_array(out);
	put_path_parameters(out, route->path);
	if (route->query != NULL)
		put_query_parameters(out, route->query);
	if ((route->flags & ROUTE_TAKES_KEY) != 0)
		put_parameter(out, "Idempotency-Key", "header",
			      (route->flags & ROUTE_IDEMPOTENT) != 0, NULL,
			      "{\"type\":\"string\",\"pattern\":\"^[!-~]{1,255}$\"}");
	jout_end(out);
}

static void
put_request(struct jout *out, const struct route *route)
{
	if (route->method == METHOD_GET)
		return;
	jout_key(out, "requestBody");
	jout_object(out);
	jout_key_bool(out, "required", route->shape != NULL);
	jout_key(out, "content");
	jout_object(out);
	jout_key(out, "application/json");
	jout_object(out);
	jout_key(out, "schema");
	openapi_shape_ref(out, "schemas", route->shape != NULL ? route->shape->name : "Nothing");
	jout_end(out);
	jout_end(out);
	jout_end(out);
}

/* Every header that this program or nginx may add to an answer of this status. */
static void
put_headers(struct jout *out, const struct route *route, int status)
{
	const struct {
		bool applies;
		const char *name;
	} rules[] = {
		{true, "Trace-Id"},
		{true, "Cache-Control"},
		{true, "Server-Timing"},
		{status == 401, "WWW-Authenticate"},
		{status == 405, "Allow"},
		{status == 429 || status == 503, "Retry-After"},
		{(status == 200 || status == 304) && route->answers[1].status == 304, "ETag"},
		{status < 300 && (route->flags & ROUTE_TAKES_KEY) != 0, "Idempotency-Replayed"},
	};

	jout_key(out, "headers");
	jout_object(out);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].applies)
			continue;
		jout_key(out, rules[i].name);
		openapi_shape_ref(out, "headers", rules[i].name);
	}
	jout_end(out);
}

static void
put_answer(struct jout *out, const struct route *route, const struct route_answer *answer)
{
	const bool is_text = answer->schema != NULL && strcmp(answer->schema, "Metrics") == 0;

	jout_key(out, arena_printf(out->buf->arena, "%d", answer->status));
	jout_object(out);
	jout_key_text(out, "description", answer->status == 304 ? "unchanged" : "done");
	put_headers(out, route, answer->status);
	if (answer->schema != NULL) {
		jout_key(out, "content");
		jout_object(out);
		jout_key(out, is_text ? "text/plain" : "application/json");
		jout_object(out);
		jout_key(out, "schema");
		openapi_shape_ref(out, "schemas", answer->schema);
		jout_end(out);
		jout_end(out);
	}
	jout_end(out);
}

/* One status with all its codes. Exactly one of their schemas fits an answer. */
static void
put_refusal(struct jout *out, const struct route *route, int status, const enum code *codes,
	    size_t count)
{
	struct buf list;

	buf_init(&list, out->buf->arena);
	jout_key(out, arena_printf(out->buf->arena, "%d", status));
	jout_object(out);
	for (size_t i = 0; i < count; i++)
		if (code_info(codes[i])->status == status)
			buf_printf(&list, "%s%s", list.len > 0 ? ", " : "",
				   code_info(codes[i])->name);
	jout_key_text(out, "description", buf_text(&list));
	put_headers(out, route, status);
	jout_key(out, "content");
	jout_object(out);
	jout_key(out, "application/problem+json");
	jout_object(out);
	jout_key(out, "schema");
	jout_object(out);
	jout_key(out, "oneOf");
	jout_array(out);
	for (size_t i = 0; i < count; i++)
		if (code_info(codes[i])->status == status)
			openapi_shape_ref(out, "schemas",
					  problems_schema_name(out->buf->arena, codes[i]));
	jout_end(out);
	jout_end(out);
	jout_end(out);
	jout_end(out);
	jout_end(out);
}

static void
put_responses(struct jout *out, const struct route *route)
{
	enum code codes[CODE_MAX];
	const size_t count = problems_of(route, codes);

	jout_key(out, "responses");
	jout_object(out);
	for (size_t i = 0; i < ROUTE_ANSWERS_MAX && route->answers[i].status != 0; i++)
		put_answer(out, route, &route->answers[i]);
	for (int status = 400; status < 600; status++) {
		bool is_there = false;

		for (size_t i = 0; i < count; i++)
			is_there = is_there || code_info(codes[i])->status == status;
		if (is_there)
			put_refusal(out, route, status, codes, count);
	}
	jout_end(out);
}

static void
put_operation(struct jout *out, const struct route *route)
{
	static const char *const keys[METHOD_MAX] = {
		[METHOD_GET] = "get",
		[METHOD_POST] = "post",
		[METHOD_PATCH] = "patch",
		[METHOD_DELETE] = "delete",
	};

	jout_key(out, keys[route->method]);
	jout_object(out);
	jout_key_text(out, "operationId", operation_id(out->buf->arena, route));
	jout_key_text(out, "summary", route->doc);
	jout_key_text(out, "x-role", role_name(route->who));
	jout_key_bool(out, "x-owned", route->is_owned);
	jout_key(out, "security");
	jout_array(out);
	if (route->who > ROLE_NONE)
		jout_raw(out, "{\"bearer\":[]}", strlen("{\"bearer\":[]}"));
	jout_end(out);
	put_parameters(out, route);
	put_request(out, route);
	put_responses(out, route);
	jout_end(out);
}

/* All rows of a path go into one member, wherever they stand in the table. */
static void
put_paths(struct jout *out, const struct route_table *table)
{
	jout_key(out, "paths");
	jout_object(out);
	for (size_t i = 0; i < table->count; i++) {
		const char *path = table->rows[i].path;
		size_t first = 0;

		while (strcmp(table->rows[first].path, path) != 0)
			first++;
		if (first < i || (table->rows[i].flags & ROUTE_PAGE) != 0)
			continue;
		jout_key(out, route_plain_path(&table->rows[i], out->buf->arena));
		jout_object(out);
		for (size_t j = i; j < table->count; j++)
			if (strcmp(table->rows[j].path, path) == 0)
				put_operation(out, &table->rows[j]);
		jout_end(out);
	}
	jout_end(out);
}

/* --- components --- */

static void
put_headers_components(struct jout *out)
{
	static const char *const headers[][3] = {
		{"Trace-Id", "of this request",
		 "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"}"},
		{"Cache-Control", "who may keep the answer, how long", "{\"type\":\"string\"}"},
		{"Server-Timing", "calls to the database and time", "{\"type\":\"string\"}"},
		{"WWW-Authenticate", "the challenge",
		 "{\"type\":\"string\",\"pattern\":\"^Bearer\"}"},
		{"Allow", "methods of the path", "{\"type\":\"string\"}"},
		{"Retry-After", "whole seconds", "{\"type\":\"integer\",\"minimum\":1}"},
		{"ETag", "of the state", "{\"type\":\"string\"}"},
		{"Idempotency-Replayed", "the first answer, given again", "{\"const\":\"true\"}"},
	};

	jout_key(out, "headers");
	jout_object(out);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		jout_key(out, headers[i][0]);
		jout_object(out);
		jout_key_text(out, "description", headers[i][1]);
		jout_key_raw(out, "schema", headers[i][2]);
		jout_end(out);
	}
	jout_end(out);
}

/* Each shape is listed once, however many rows and shapes refer to it. */
struct shapes {
	const struct jin_shape *list[SHAPES_MAX];
	size_t count;
};

static void
add_shape(struct shapes *shapes, const struct jin_shape *shape)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (shapes->list[i] == shape)
			return;
	assert(shapes->count < SHAPES_MAX);
	shapes->list[shapes->count++] = shape;
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++)
		if (field->shape != NULL)
			add_shape(shapes, field->shape);
}

/* Writes schemas.json, and after its last member the schemas that come from tables. */
static void
put_schemas(struct jout *out, const struct route_table *table)
{
	struct shapes shapes = {.count = 0};
	struct buf made, all;
	struct jout members;

	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].shape != NULL)
			add_shape(&shapes, table->rows[i].shape);
	buf_init(&made, out->buf->arena);
	jout_init(&members, &made);
	jout_object(&members);
	for (size_t i = 0; i < shapes.count; i++) {
		jout_key(&members, shapes.list[i]->name);
		openapi_shape(&members, shapes.list[i]);
	}
	problems_put_schemas(&members);
	jout_end(&members);
	buf_init(&all, out->buf->arena);
	buf_put(&all, api_schemas, strlen(api_schemas) - 1);
	buf_putc(&all, ',');
	buf_puts(&all, buf_text(&made) + 1);
	jout_key_raw(out, "schemas", buf_text(&all));
}

void
openapi_render(struct buf *buf)
{
	const struct route_table *table = api_routes(false);
	struct jout out;

	jout_init(&out, buf);
	jout_object(&out);
	jout_key_text(&out, "openapi", "3.1.0");
	jout_key(&out, "info");
	jout_object(&out);
	jout_key_text(&out, "title", PACKAGE_NAME);
	jout_key_text(&out, "version", PACKAGE_VERSION);
	jout_key_text(&out, "description",
		      "Sells numbered seats. HEAD is answered as GET, OPTIONS with 204 and Allow.");
	jout_end(&out);
	put_paths(&out, table);
	jout_key(&out, "components");
	jout_object(&out);
	jout_key_raw(&out, "securitySchemes",
		     "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
		     "\"bearerFormat\":\"JWT\"}}");
	put_headers_components(&out);
	put_schemas(&out, table);
	jout_end(&out);
	jout_end(&out);
}
