#include "config.h"

#include "api/problems.h"

#include <stdbool.h>
#include <string.h>

#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "json/jout.h"
#include "web/route.h"

/* The codes with which nginx itself answers, whatever the route. */
static const enum code front_codes[] = {CODE_RATE_LIMITED, CODE_HEADERS_TOO_LARGE, CODE_BAD_GATEWAY,
					CODE_GATEWAY_TIMEOUT};

/* Members in addition to those of every problem. */
static const struct {
	enum code code;
	const char *name;
	const char *schema;
	bool is_optional;
} extras[] = {
	{CODE_VALIDATION_FAILED, "violations",
	 "{\"type\":\"array\",\"maxItems\":20,\"items\":{\"$ref\":"
	 "\"#/components/schemas/Violation\"}}",
	 false},
	{CODE_SEATS_TAKEN, "seats",
	 "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"integer\",\"minimum\":0}}",
	 false},
	/* only when this buyer has kept the seats unpaid for too long */
	{CODE_SEATS_TAKEN, "again_at", "{\"$ref\":\"#/components/schemas/Time\"}", true},
	{CODE_SEAT_LIMIT, "limit", "{\"type\":\"integer\",\"minimum\":1}", false},
	{CODE_SEAT_LIMIT, "taken", "{\"type\":\"integer\",\"minimum\":0}", false},
};

#define PREFIX "Problem_"
#define EXTRAS (sizeof(extras) / sizeof(extras[0]))

static bool
is_among(const enum code *codes, size_t count, enum code code)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

size_t
problems_of(const struct route *route, enum code codes_r[])
{
	size_t count = route_codes(route, codes_r, CODE_MAX);

	for (size_t i = 0; i < sizeof(front_codes) / sizeof(front_codes[0]); i++)
		if (!is_among(codes_r, count, front_codes[i]))
			codes_r[count++] = front_codes[i];
	return count;
}

const char *
problems_schema_name(struct arena *arena, enum code code)
{
	return arena_printf(arena, PREFIX "%s", code_info(code)->name);
}

bool
problems_is_schema(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0;
}

static void
put_required(struct jout *out, enum code code)
{
	static const char *const common[] = {"type",   "title", "status",
					     "detail", "code",  "trace_id"};

	jout_key(out, "required");
	jout_array(out);
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		jout_text(out, common[i]);
	for (size_t i = 0; i < EXTRAS; i++)
		if (extras[i].code == code && !extras[i].is_optional)
			jout_text(out, extras[i].name);
	jout_end(out);
}

static void
put_const(struct jout *out, const char *key, const char *value)
{
	jout_key(out, key);
	jout_object(out);
	jout_key_text(out, "const", value);
	jout_end(out);
}

/* What happened in this request; where nothing more is known, the title. */
static void
put_detail(struct jout *out, const struct code_info *info)
{
	jout_key(out, "detail");
	jout_object(out);
	jout_key_text(out, "type", "string");
	jout_key_i64(out, "minLength", 1);
	jout_key(out, "examples");
	jout_array(out);
	jout_text(out, info->title);
	jout_end(out);
	jout_end(out);
}

static void
put_schema(struct jout *out, enum code code)
{
	const struct code_info *info = code_info(code);

	jout_object(out);
	jout_key_text(out, "description", info->title);
	jout_key_text(out, "type", "object");
	jout_key_bool(out, "additionalProperties", false);
	put_required(out, code);
	jout_key(out, "properties");
	jout_object(out);
	put_const(out, "type", arena_printf(out->buf->arena, "/problems/%s", info->name));
	put_const(out, "title", info->title);
	jout_key(out, "status");
	jout_object(out);
	jout_key_i64(out, "const", info->status);
	jout_end(out);
	put_detail(out, info);
	put_const(out, "code", info->name);
	jout_key_raw(out, "trace_id", "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"}");
	for (size_t i = 0; i < EXTRAS; i++)
		if (extras[i].code == code)
			jout_key_raw(out, extras[i].name, extras[i].schema);
	jout_end(out);
	jout_end(out);
}

void
problems_put_schemas(struct jout *out)
{
	const struct route_table *table = api_routes(false);

	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		bool is_used = false;

		for (size_t i = 0; i < table->count && !is_used; i++) {
			enum code codes[CODE_MAX];

			is_used = is_among(codes, problems_of(&table->rows[i], codes), code);
		}
		if (!is_used)
			continue;
		jout_key(out, problems_schema_name(out->buf->arena, code));
		put_schema(out, code);
	}
}
