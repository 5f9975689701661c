/* The table of codes, and the record of one failure. */
#include <config.h>

#include "base/fail.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

#define VIOLATIONS_MAX 20

static const struct code_info codes[CODE_MAX] = {
	[CODE_NONE] = {"none", 500, ERR_INTERNAL, "No failure was recorded", ""},
#define CODE(suffix, name, status, err, title, help) \
	[CODE_##suffix] = {name, status, err, title, help},
#include "base/code.def"
#undef CODE
};

const struct code_info *
code_info(enum code code)
{
	assert((unsigned)code < CODE_MAX);
	return &codes[code];
}

enum code
code_by_name(const char *name)
{
	for (enum code code = CODE_NONE + 1; code < CODE_MAX; code++) {
		if (strcmp(codes[code].name, name) == 0)
			return code;
	}
	return CODE_NONE;
}

void
failure_init(struct failure *failure, struct arena *arena)
{
	memset(failure, 0, sizeof(*failure));
	failure->arena = arena;
	failure->violations_end_r = &failure->violations;
}

/* Is there a place for the record, and is this the first failure? */
static bool
is_first(const struct failure *failure)
{
	return failure && failure->code == CODE_NONE;
}

enum err
fail(struct failure *failure, enum code code, const char *format, ...)
{
	va_list args;

	if (is_first(failure)) {
		failure->code = code;
		va_start(args, format);
		failure->detail = arena_vprintf(failure->arena, format, args);
		va_end(args);
	}
	return code_info(code)->err;
}

enum err
fail_log(struct failure *failure, enum code code, const char *format, ...)
{
	va_list args;

	if (is_first(failure)) {
		failure->code = code;
		va_start(args, format);
		failure->log_detail = arena_vprintf(failure->arena, format, args);
		va_end(args);
	}
	return code_info(code)->err;
}

static size_t
count_violations(const struct failure *failure)
{
	size_t count = 0;

	for (const struct violation *row = failure->violations; row; row = row->next)
		count++;
	return count;
}

enum err
fail_field(struct failure *failure, const char *field, const char *format, ...)
{
	struct violation *violation;
	va_list args;

	if (is_first(failure))
		failure->code = CODE_VALIDATION_FAILED;
	if (!failure || failure->code != CODE_VALIDATION_FAILED)
		return ERR_INVALID;
	if (count_violations(failure) >= VIOLATIONS_MAX)
		return ERR_INVALID;
	violation = arena_alloc(failure->arena, sizeof(*violation));
	violation->field = arena_strdup(failure->arena, field);
	va_start(args, format);
	violation->message = arena_vprintf(failure->arena, format, args);
	va_end(args);
	*failure->violations_end_r = violation;
	failure->violations_end_r = &violation->next;
	return ERR_INVALID;
}

void
fail_extra(struct failure *failure, const char *name, const char *json)
{
	if (!failure)
		return;
	failure->extra =
		arena_printf(failure->arena, "%s%s\"%s\":%s", failure->extra ? failure->extra : "",
			     failure->extra ? "," : "", name, json);
}

const char *
failure_reason(const struct failure *failure)
{
	if (failure->log_detail)
		return failure->log_detail;
	return failure->detail ? failure->detail : code_info(failure->code)->title;
}
