/*
 * The scan is linear: there are about fifty rows, and most differ from the path within a few bytes.
 * At that size compiled templates would gain nothing.
 */
#include "config.h"

#include "web/route.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

static bool
find_code(const char *segment, size_t len, int64_t *code_r)
{
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		const char *name = code_info(code)->name;

		if (strlen(name) == len && memcmp(name, segment, len) == 0) {
			*code_r = code;
			return true;
		}
	}
	return false;
}

/* Reads the segment of `path` up to the next slash as the kind in "{name:kind}". */
static bool
match_id(const char *kind, size_t kind_len, const char *segment, size_t len,
	 struct request_param *param_r)
{
	if (kind_len == 4 && memcmp(kind, "uuid", 4) == 0)
		return uuid_parse(segment, len, &param_r->uuid);
	if (kind_len == 4 && memcmp(kind, "code", 4) == 0)
		return find_code(segment, len, &param_r->id);
	return segment[0] != '-' && text_parse_i64(segment, len, &param_r->id) &&
	       /* guard: from 1 */ param_r->id >= 1 &&
	       /* guard: fits the column */ param_r->id <= INT32_MAX;
}

static bool
match_path(const char *template, const char *path, struct request_param params_r[])
{
	size_t count = 0;

	while (*template != '\0') {
		const char *kind, *end;
		size_t len;

		if (*template != '{') {
			if (*template ++ != *path++)
				return false;
			continue;
		}
		kind = strchr(template, ':') + 1;
		end = strchr(kind, '}');
		len = strcspn(path, "/");
		if (count == REQUEST_PARAMS_MAX ||
		    !match_id(kind, (size_t)(end - kind), path, len, &params_r[count]))
			return false;
		count++;
		template = end + 1;
		path += len;
	}
	/* guard: nothing behind */
	return *path == '\0';
}

const char *
route_plain_path(const struct route *route, struct arena *arena)
{
	char *plain = arena_alloc(arena, strlen(route->path) + 1);
	char *end = plain;

	for (const char *path = route->path; *path != '\0'; path++) {
		if (*path == ':')
			path = strchr(path, '}');
		*end++ = *path;
	}
	*end = '\0';
	return plain;
}

static const char *
allow_text(struct arena *arena, unsigned methods)
{
	static const enum method order[] = {METHOD_GET,   METHOD_HEAD,   METHOD_POST,
					    METHOD_PATCH, METHOD_DELETE, METHOD_OPTIONS};
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if ((methods & 1U << order[i]) == 0)
			continue;
		if (buf.len > 0)
			buf_puts(&buf, ", ");
		buf_puts(&buf, method_name(order[i]));
	}
	return buf_text(&buf);
}

enum route_match
route_find(const struct route_table *table, enum method method, const char *path,
	   struct arena *arena, const struct route **route_r,
	   struct request_param params_r[REQUEST_PARAMS_MAX], const char **allow_r)
{
	enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
	const struct route *first = NULL;
	unsigned methods = 1U << METHOD_OPTIONS;
	struct request_param params[REQUEST_PARAMS_MAX];

	memset(params, 0, sizeof(params));
	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];

		if (!match_path(row->path, path, params))
			continue;
		if (row->method == wanted) {
			*route_r = row;
			memcpy(params_r, params, sizeof(params));
			return ROUTE_FOUND;
		}
		if (first == NULL)
			first = row;
		methods |= 1U << row->method;
		if (row->method == METHOD_GET)
			methods |= 1U << METHOD_HEAD;
	}
	if (first == NULL)
		return ROUTE_NO_PATH;
	*route_r = first;
	*allow_r = allow_text(arena, methods);
	return method == METHOD_OPTIONS ? ROUTE_FOUND : ROUTE_NO_METHOD;
}

bool
route_is_list(const struct route *route)
{
	if (route->query == NULL)
		return false;
	for (const struct jin_field *field = route->query->fields; field->name != NULL; field++)
		if (field->type == JIN_CURSOR)
			return true;
	return false;
}

static size_t
add_code(enum code code, enum code codes_r[], size_t count, size_t max)
{
	for (size_t i = 0; i < count; i++)
		if (codes_r[i] == code)
			return count;
	if (count < max)
		codes_r[count++] = code;
	return count;
}

size_t
route_codes(const struct route *route, enum code codes_r[], size_t max)
{
	const bool has_body = route->method != METHOD_GET;
	const struct {
		bool applies;
		enum code code;
	} rules[] = {
		{true, CODE_BAD_REQUEST},
		{has_body, CODE_BAD_JSON},
		{route_is_list(route), CODE_BAD_CURSOR},
		{(route->flags & ROUTE_IDEMPOTENT) != 0, CODE_IDEMPOTENCY_KEY_REQUIRED},
		{(route->flags & ROUTE_TAKES_KEY) != 0, CODE_IDEMPOTENCY_KEY_INVALID},
		{route->who > ROLE_NONE, CODE_UNAUTHENTICATED},
		{route->who > ROLE_NONE, CODE_TOKEN_EXPIRED},
		{route->who > ROLE_USER, CODE_FORBIDDEN},
		{strchr(route->path, '{') != NULL || (route->flags & ROUTE_LOOPBACK) != 0,
		 CODE_NOT_FOUND},
		{(route->flags & ROUTE_IDEMPOTENT) != 0, CODE_IDEMPOTENCY_IN_FLIGHT},
		{true, CODE_BODY_TOO_LARGE},
		{true, CODE_URI_TOO_LONG},
		{has_body, CODE_UNSUPPORTED_MEDIA_TYPE},
		{true, CODE_VALIDATION_FAILED},
		{(route->flags & ROUTE_TAKES_KEY) != 0, CODE_IDEMPOTENCY_MISMATCH},
		{(route->flags & ROUTE_LOGIN) != 0, CODE_RATE_LIMITED},
		{true, CODE_INTERNAL},
		{true, CODE_UNAVAILABLE},
	};
	size_t count = 0;

	for (size_t i = 0; i < ROUTE_CODES_MAX && route->codes[i] != CODE_NONE; i++)
		count = add_code(route->codes[i], codes_r, count, max);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].applies)
			count = add_code(rules[i].code, codes_r, count, max);
	return count;
}
