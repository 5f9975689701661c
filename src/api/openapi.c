#include "config.h"

#include "api/openapi.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/openapi_about.h"
#include "api/openapi_example.h"
#include "api/openapi_schemas.h"
#include "api/openapi_shape.h"
#include "api/problems.h"
#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "json/jout.h"
#include "web/route.h"

#define REFUSALS_MAX 256 /* different sets of codes of one status */

/* --- operations --- */

static void
put_parameter(struct jout *out, const char *name, const char *in, bool is_required, const char *doc,
	      const char *schema)
{
	jout_object(out);
	jout_key_text(out, "name", name);
	jout_key_text(out, "in", in);
	jout_key_text(out, "description", doc);
	jout_key_bool(out, "required", is_required);
	jout_key_raw(out, "schema", schema);
	jout_end(out);
}

/* "Number of the show.": the segment in front of the parameter is its plural. */
static const char *
parameter_doc(struct arena *arena, const char *path, const char *brace, bool is_uuid)
{
	const char *noun = brace - 1;

	while (noun > path && noun[-1] != '/')
		noun--;
	return arena_printf(arena, "%s of the %.*s.", is_uuid ? "Id" : "Number",
			    (int)(brace - noun - 2), noun);
}

static void
put_path_parameters(struct jout *out, const char *template)
{
	struct arena *arena = out->buf->arena;
	const char *path = template;

	while ((path = strchr(path, '{')) != NULL) {
		const size_t len = strcspn(path, ":") - 1;
		const bool is_uuid = strncmp(path + len + 2, "uuid}", 5) == 0;

		put_parameter(out, arena_strndup(arena, path + 1, len), "path", true,
			      parameter_doc(arena, template, path, is_uuid),
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

static bool
has_etag(const struct route *route)
{
	return route->answers[1].status == 304;
}

static void
put_parameters(struct jout *out, const struct route *route)
{
	jout_key(out, "parameters");
	jout_array(out);
	put_path_parameters(out, route->path);
	if (route->query != NULL)
		put_query_parameters(out, route->query);
	if ((route->flags & ROUTE_IDEMPOTENT) != 0)
		put_parameter(
			out, "Idempotency-Key", "header", true,
			"Chosen by the client, new for each action; the same again repeats it.",
			"{\"type\":\"string\",\"pattern\":\"^[!-~]{1,255}$\"}");
	/* nginx passes no empty header on. */
	if ((route->flags & ROUTE_KEY_OPTIONAL) != 0)
		put_parameter(
			out, "Idempotency-Key", "header", false,
			"Chosen by the client, new for each action; the same again repeats it. An "
			"empty one is none.",
			"{\"type\":\"string\",\"pattern\":\"^[!-~]{0,255}$\"}");
	if (has_etag(route))
		put_parameter(out, "If-None-Match", "header", false,
			      "ETag of an earlier answer: 304 while it is the same.",
			      "{\"type\":\"string\"}");
	jout_end(out);
}

/* Content of one type: a schema and its example. */
static void
put_content(struct jout *out, const char *type, const char *schema)
{
	jout_key(out, "content");
	jout_object(out);
	jout_key(out, type);
	jout_object(out);
	jout_key(out, "schema");
	openapi_shape_ref(out, "schemas", schema);
	jout_key(out, "examples");
	jout_object(out);
	jout_key(out, schema);
	openapi_shape_ref(out, "examples", schema);
	jout_end(out);
	jout_end(out);
	jout_end(out);
}

/* Without a shape the body is empty. ({} is taken too, for clients that cannot send nothing.) */
static void
put_request(struct jout *out, const struct route *route)
{
	if (route->shape == NULL)
		return;
	jout_key(out, "requestBody");
	jout_object(out);
	jout_key_bool(out, "required", true);
	put_content(out, "application/json", route->shape->name);
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
		{status == 429 || status == 503, "Retry-After"},
		{(status == 200 || status == 304) && has_etag(route), "ETag"},
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

static const char *
description_of(const struct route_answer *answer)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{200, "Done, or as it was already."},
		{201, "Made."},
		{202, "Begun; it goes on by itself."},
		{204, "Done; there is nothing to say."},
		{304, "Unchanged since the answer with that ETag."},
	};
	size_t i = 0;

	while (texts[i].status != answer->status) {
		i++;
		assert(i < sizeof(texts) / sizeof(texts[0]));
	}
	return texts[i].text;
}

static void
put_answer(struct jout *out, const struct route *route, const struct route_answer *answer)
{
	const bool is_text = answer->schema != NULL && strcmp(answer->schema, "Metrics") == 0;

	jout_key(out, arena_printf(out->buf->arena, "%d", answer->status));
	jout_object(out);
	jout_key_text(out, "description", description_of(answer));
	put_headers(out, route, answer->status);
	if (answer->schema != NULL)
		put_content(out, is_text ? "text/plain" : "application/json", answer->schema);
	jout_end(out);
}

/* Those of a route's codes that have this status. */
static size_t
codes_of(int status, const enum code *codes, size_t count, enum code codes_r[])
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (code_info(codes[i])->status == status)
			codes_r[found++] = codes[i];
	return found;
}

/* Name of the answer in components: its codes. Most routes share most of them. */
static const char *
refusal_name(struct arena *arena, const enum code *codes, size_t count)
{
	const char *name = code_info(codes[0])->name;

	for (size_t i = 1; i < count; i++)
		name = arena_printf(arena, "%s.%s", name, code_info(codes[i])->name);
	return name;
}

/* Exactly one of the schemas fits an answer. */
static void
put_problems(struct jout *out, const enum code *codes, size_t count)
{
	struct arena *arena = out->buf->arena;

	jout_key(out, "schema");
	if (count == 1) {
		openapi_shape_ref(out, "schemas", problems_schema_name(arena, codes[0]));
	} else {
		jout_object(out);
		jout_key(out, "oneOf");
		jout_array(out);
		for (size_t i = 0; i < count; i++)
			openapi_shape_ref(out, "schemas", problems_schema_name(arena, codes[i]));
		jout_end(out);
		jout_end(out);
	}
	jout_key(out, "examples");
	jout_object(out);
	for (size_t i = 0; i < count; i++) {
		jout_key(out, code_info(codes[i])->name);
		openapi_shape_ref(out, "examples", problems_schema_name(arena, codes[i]));
	}
	jout_end(out);
}

static void
put_refusal(struct jout *out, const struct route *route, const enum code *codes, size_t count)
{
	struct buf list;

	buf_init(&list, out->buf->arena);
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%s (`%s`).", i > 0 ? " " : "", code_info(codes[i])->title,
			   code_info(codes[i])->name);
	jout_object(out);
	jout_key_text(out, "description", buf_text(&list));
	put_headers(out, route, code_info(codes[0])->status);
	jout_key(out, "content");
	jout_object(out);
	jout_key(out, "application/problem+json");
	jout_object(out);
	put_problems(out, codes, count);
	jout_end(out);
	jout_end(out);
	jout_end(out);
}

static void
put_responses(struct jout *out, const struct route *route)
{
	struct arena *arena = out->buf->arena;
	enum code codes[CODE_MAX];
	const size_t count = problems_of(route, codes);

	jout_key(out, "responses");
	jout_object(out);
	for (size_t i = 0; i < ROUTE_ANSWERS_MAX && route->answers[i].status != 0; i++)
		put_answer(out, route, &route->answers[i]);
	for (int status = 400; status < 600; status++) {
		enum code those[CODE_MAX];
		const size_t found = codes_of(status, codes, count, those);

		if (found == 0)
			continue;
		jout_key(out, arena_printf(arena, "%d", status));
		openapi_shape_ref(out, "responses", refusal_name(arena, those, found));
	}
	jout_end(out);
}

/* Refusals by name, each once. */
static void
put_refusals(struct jout *out, const struct route_table *table)
{
	const char *names[REFUSALS_MAX];
	size_t known = 0, i;

	jout_key(out, "responses");
	jout_object(out);
	for (size_t row = 0; row < table->count; row++) {
		enum code codes[CODE_MAX], those[CODE_MAX];
		const size_t count = problems_of(&table->rows[row], codes);

		if ((table->rows[row].flags & ROUTE_PAGE) != 0)
			continue;
		for (int status = 400; status < 600; status++) {
			const size_t found = codes_of(status, codes, count, those);
			const char *name =
				found > 0 ? refusal_name(out->buf->arena, those, found) : NULL;

			for (i = 0; name != NULL && i < known && strcmp(names[i], name) != 0;)
				i++;
			if (name == NULL || i < known)
				continue;
			assert(known < REFUSALS_MAX);
			names[known++] = name;
			jout_key(out, name);
			put_refusal(out, &table->rows[row], those, found);
		}
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
	openapi_about_route(out, route);
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

void
openapi_render(struct buf *buf)
{
	const struct route_table *table = api_routes(false);
	const char *schemas = openapi_schemas(buf->arena, table);
	struct jout out;

	jout_init(&out, buf);
	jout_object(&out);
	jout_key_text(&out, "openapi", "3.1.0");
	jout_key(&out, "info");
	jout_object(&out);
	jout_key_text(&out, "title", PACKAGE_NAME);
	jout_key_text(&out, "version", PACKAGE_VERSION);
	jout_key_text(
		&out, "description",
		"Sells numbered seats. HEAD is answered as GET, OPTIONS with 204 and Allow. "
		"A body without a schema is empty. The pages /api/ and /problems/ say the same "
		"for people.");
	jout_key_raw(&out, "contact", "{\"name\":\"the box office that runs this installation\"}");
	jout_key_raw(&out, "license",
		     "{\"name\":\"Apache License 2.0\",\"identifier\":\"Apache-2.0\"}");
	jout_end(&out);
	jout_key_raw(&out, "servers", "[{\"url\":\"/\",\"description\":\"This installation.\"}]");
	jout_key(&out, "tags");
	openapi_about_tags(&out, table);
	put_paths(&out, table);
	jout_key(&out, "components");
	jout_object(&out);
	jout_key_raw(&out, "securitySchemes",
		     "{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
		     "\"bearerFormat\":\"JWT\"}}");
	put_headers_components(&out);
	put_refusals(&out, table);
	jout_key_raw(&out, "schemas", schemas);
	openapi_schemas_examples(&out, table, schemas);
	jout_end(&out);
	jout_end(&out);
}
