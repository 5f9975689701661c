/* The route table as JSON, for tests of every row. */
#include "config.h"

#include "api/routes.h"

#include "base/buf.h"
#include "json/jin.h"
#include "json/jout.h"
#include "web/route.h"

static const char *const type_names[JIN_TYPE_MAX] = {
	[JIN_TEXT] = "text",           [JIN_I64] = "integer",   [JIN_BOOL] = "boolean",
	[JIN_UUID] = "uuid",           [JIN_TIME] = "time",     [JIN_DATE] = "date",
	[JIN_ENUM] = "enum",           [JIN_CURSOR] = "cursor", [JIN_I64_SET] = "integers",
	[JIN_I64_MAP] = "integer_map", [JIN_OBJECT] = "object", [JIN_OBJECTS] = "objects",
};

static const char *const words_names[WORDS_KIND_MAX] = {
	[WORDS_LINE] = "line",       [WORDS_LINES] = "lines",   [WORDS_ADDRESS] = "address",
	[WORDS_SCANNED] = "scanned", [WORDS_SECRET] = "secret",
};

static const char *const cache_names[] = {
	[ROUTE_NO_STORE] = "no-store",
	[ROUTE_PUBLIC] = "public",
	[ROUTE_IMMUTABLE] = "immutable",
};

static void
put_field(struct jout *out, const struct jin_shape *shape, const struct jin_field *field)
{
	jout_object(out);
	jout_key_text(out, "name", field->name);
	jout_key_text(out, "type", type_names[field->type]);
	jout_key_bool(out, "required", jin_is_required(shape, field));
	jout_key_bool(out, "nullable", jin_is_nullable(shape, field));
	jout_key_i64(out, "min", field->min);
	jout_key_i64(out, "max", field->max);
	jout_key_i64(out, "count_max", (int64_t)field->count_max);
	jout_key_text(out, "format", field->format);
	jout_key_text(out, "words", field->type == JIN_TEXT ? words_names[jin_words(field)] : NULL);
	jout_key(out, "values");
	jout_array(out);
	for (size_t i = 0; field->values != NULL && field->values[i] != NULL; i++)
		jout_text(out, field->values[i]);
	jout_end(out);
	jout_key_text(out, "doc", field->doc);
	jout_end(out);
}

/* Of a member with several forms only the first is listed. */
static void
put_fields(struct jout *out, const struct jin_shape *shape)
{
	jout_array(out);
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++)
		if (!field->is_other_form)
			put_field(out, shape, field);
	jout_end(out);
}

static void
put_request(struct jout *out, const struct route *route)
{
	jout_key(out, "request");
	if (route->shape == NULL) {
		jout_null(out);
		return;
	}
	jout_object(out);
	jout_key_text(out, "name", route->shape->name);
	jout_key(out, "fields");
	put_fields(out, route->shape);
	jout_end(out);
}

static void
put_flags(struct jout *out, const struct route *route)
{
	jout_key_bool(out, "is_idempotent", (route->flags & ROUTE_IDEMPOTENT) != 0);
	jout_key_bool(out, "takes_key", (route->flags & ROUTE_TAKES_KEY) != 0);
	jout_key_bool(out, "is_loopback", (route->flags & ROUTE_LOOPBACK) != 0);
	jout_key_bool(out, "is_login", (route->flags & ROUTE_LOGIN) != 0);
	jout_key_bool(out, "is_page", (route->flags & ROUTE_PAGE) != 0);
	jout_key_bool(out, "is_list", route_is_list(route));
}

static void
put_answers(struct jout *out, const struct route *route)
{
	enum code codes[CODE_MAX];
	const size_t count = route_codes(route, codes, CODE_MAX);

	jout_key(out, "answers");
	jout_array(out);
	for (size_t i = 0; i < ROUTE_ANSWERS_MAX && route->answers[i].status != 0; i++) {
		jout_object(out);
		jout_key_i64(out, "status", route->answers[i].status);
		jout_key_text(out, "schema", route->answers[i].schema);
		jout_end(out);
	}
	jout_end(out);
	jout_key(out, "codes");
	jout_array(out);
	for (size_t i = 0; i < count; i++)
		jout_text(out, code_info(codes[i])->name);
	jout_end(out);
}

static void
put_query(struct jout *out, const struct route *route)
{
	static const struct jin_field no_fields[] = {{.name = NULL}};
	static const struct jin_shape nothing = {.name = "Nothing", .fields = no_fields};

	jout_key(out, "query");
	put_fields(out, route->query != NULL ? route->query : &nothing);
}

void
api_routes_json(struct buf *buf)
{
	const struct route_table *table = api_routes(false);
	struct jout out;

	jout_init(&out, buf);
	jout_array(&out);
	for (size_t i = 0; i < table->count; i++) {
		const struct route *route = &table->rows[i];

		jout_object(&out);
		jout_key_text(&out, "method", method_name(route->method));
		jout_key_text(&out, "path", route->path);
		jout_key_text(&out, "who", role_name(route->who));
		jout_key_bool(&out, "is_owned", route->is_owned);
		put_flags(&out, route);
		jout_key_text(&out, "pool", route->pool);
		jout_key_text(&out, "cache", cache_names[route->cache]);
		jout_key_i64(&out, "body_max", (int64_t)route->body_max);
		jout_key_text(&out, "doc", route->doc);
		put_answers(&out, route);
		put_query(&out, route);
		put_request(&out, route);
		jout_end(&out);
	}
	jout_end(&out);
}
