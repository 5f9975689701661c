/* Parameters as text, in the arena of the request. */
#include "config.h"

#include "db/db.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/size.h"
#include "base/text.h"

#define I64_TEXT_SIZE 21 /* "-9223372036854775808" and NUL */

void
db_params_init(struct db_params *params, struct arena *arena)
{
	params->arena = arena;
	params->count = 0;
}

void
db_put_text(struct db_params *params, const char *text)
{
	assert(params->count < sizeof(params->values) / sizeof(*params->values));
	params->values[params->count++] = text;
}

void
db_put_i64(struct db_params *params, int64_t number)
{
	char *text = arena_alloc(params->arena, I64_TEXT_SIZE);

	snprintf(text, I64_TEXT_SIZE, "%" PRId64, number);
	db_put_text(params, text);
}

void
db_put_i64_or_null(struct db_params *params, const int64_t *number)
{
	if (number)
		db_put_i64(params, *number);
	else
		db_put_text(params, NULL);
}

void
db_put_bool(struct db_params *params, bool value)
{
	db_put_text(params, value ? "t" : "f");
}

void
db_put_uuid(struct db_params *params, const struct uuid *uuid)
{
	char *text = NULL;

	if (uuid) {
		text = arena_alloc(params->arena, UUID_TEXT_SIZE);
		uuid_format(uuid, text);
	}
	db_put_text(params, text);
}

void
db_put_bytes(struct db_params *params, const void *data, size_t len)
{
	char *text;

	if (data == NULL) {
		db_put_text(params, NULL);
		return;
	}
	text = arena_alloc(params->arena, size_add(size_mul(len, 2), 3));
	memcpy(text, "\\x", 2);
	text_hex(data, len, text + 2);
	db_put_text(params, text);
}

void
db_put_time(struct db_params *params, int64_t unix_s)
{
	char *text = arena_alloc(params->arena, CLOCK_RFC3339_SIZE);

	clock_format(unix_s, text);
	db_put_text(params, text);
}

/* --- arrays: {element,…}; the arena zeroes memory, so the texts end with NUL --- */

void
db_put_i64s(struct db_params *params, const int64_t *items, size_t count)
{
	char *text = arena_alloc(params->arena, size_add(size_mul(count, I64_TEXT_SIZE), 3));
	char *end = text;

	*end++ = '{';
	for (size_t i = 0; i < count; i++)
		end += snprintf(end, I64_TEXT_SIZE + 1, "%s%" PRId64, i == 0 ? "" : ",", items[i]);
	*end = '}';
	db_put_text(params, text);
}

void
db_put_uuids(struct db_params *params, const struct uuid *items, size_t count)
{
	char *text = arena_alloc(params->arena, size_add(size_mul(count, UUID_TEXT_SIZE), 3));
	char *end = text;

	*end++ = '{';
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*end++ = ',';
		uuid_format(&items[i], end);
		end += UUID_TEXT_SIZE - 1;
	}
	*end = '}';
	db_put_text(params, text);
}

/* Writes "…" with quotes and backslashes escaped. No other character has a meaning inside. */
static char *
put_quoted(char *end, const char *text)
{
	*end++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*end++ = '\\';
		*end++ = *text;
	}
	*end++ = '"';
	return end;
}

void
db_put_texts(struct db_params *params, const char *const *items, size_t count)
{
	size_t size = 3;
	char *text, *end;

	if (!items || count == DB_TEXTS_AS_READ) {
		db_put_text(params, items ? *items : NULL);
		return;
	}
	/* At worst every byte is escaped. Add quotes and a comma, or NULL and a comma. */
	for (size_t i = 0; i < count; i++)
		size = size_add(size, size_add(size_mul(items[i] ? strlen(items[i]) : 1, 2), 3));
	end = text = arena_alloc(params->arena, size);
	*end++ = '{';
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*end++ = ',';
		end = items[i] ? put_quoted(end, items[i]) : mempcpy(end, "NULL", 4);
	}
	*end = '}';
	db_put_text(params, text);
}
