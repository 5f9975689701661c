/*
 * A struct jval is a json_object of the library under another name, so no other file needs its
 * header. The library represents JSON null as NULL. Here null is a value of its own, because "null"
 * as a whole body or an element must not look like an absent value.
 */
#include "config.h"

#include "json/jin.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/text.h"
#include "json/jscan.h"

static const char null_value;

static const struct jval *
wrap(struct json_object *object)
{
	return object ? (const struct jval *)object : (const struct jval *)&null_value;
}

static struct json_object *
unwrap(const struct jval *value)
{
	if ((const void *)value == &null_value)
		return NULL;
	return (struct json_object *)(uintptr_t)value;
}

static bool
is_type(const struct jval *value, enum json_type type)
{
	struct json_object *object = unwrap(value);

	return object && json_object_is_type(object, type);
}

/* --- parsing --- */

static void
put_object(void *object)
{
	json_object_put(object);
}

/* Members of all objects of the tree; its depth is at most JSCAN_DEPTH_MAX. */
static size_t
count_members(struct json_object *object)
{
	size_t count = 0;

	if (json_object_is_type(object, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(object); i++)
			count += count_members(json_object_array_get_idx(object, i));
	} else if (json_object_is_type(object, json_type_object)) {
		const struct lh_entry *entry = lh_table_head(json_object_get_object(object));

		count = (size_t)json_object_object_length(object);
		for (; entry; entry = lh_entry_next(entry))
			count += count_members((struct json_object *)(uintptr_t)lh_entry_v(entry));
	}
	return count;
}

/* The tokener is kept: it has no state between texts. */
static struct json_tokener *
fresh_tokener(void)
{
	static struct json_tokener *tokener;

	if (!tokener) {
		tokener = json_tokener_new_ex(JSCAN_DEPTH_MAX + 2);
		assert(tokener);
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	}
	json_tokener_reset(tokener);
	return tokener;
}

/* On failure returns false and the offset of the offence. */
static bool
parse(const char *text, size_t len, struct json_object **object_r, size_t *pos_r)
{
	struct json_tokener *tokener = fresh_tokener();
	size_t end;

	*object_r = json_tokener_parse_ex(tokener, text, (int)len);
	end = json_tokener_get_parse_end(tokener);
	if (json_tokener_get_error(tokener) == json_tokener_continue) {
		/* The parser ends a number only when something follows it. */
		*object_r = json_tokener_parse_ex(tokener, "", 1);
		end = len;
	}
	*pos_r = end;
	if (json_tokener_get_error(tokener) != json_tokener_success)
		return false;
	while (end < len && strchr(" \t\r\n", text[end]))
		end++;
	*pos_r = end;
	/* guard: nothing behind */
	return end == len;
}

static enum err
refuse(struct failure *failure, const char *reason, size_t pos)
{
	return fail(failure, CODE_BAD_JSON, "the body is no JSON: %s at byte %zu", reason, pos);
}

enum err
jin_parse(struct arena *arena, const char *text, size_t len, struct failure *failure,
	  const struct jval **value_r)
{
	struct jscan scan;
	struct json_object *object;
	size_t pos;

	if (len == 0 || len > INT_MAX)
		return refuse(failure, len == 0 ? "it is empty" : "it is too long", 0);
	/* guard: UTF-8 */
	if (!text_is_utf8(text, len))
		return refuse(failure, "invalid UTF-8", 0);
	/* guard: scanner */
	if (!jscan_text(&scan, text, len))
		return refuse(failure, scan.reason, scan.pos);
	if (!parse(text, len, &object, &pos)) {
		json_object_put(object);
		return refuse(failure, "unexpected text or end", pos);
	}
	if (object)
		arena_cleanup(arena, put_object, object);
	/* guard: key twice */
	if (count_members(object) != scan.keys && !scan.has_nul_key)
		return refuse(failure, "a key twice in one object", 0);
	/* The library cuts such a key at its NUL, and the rest would pass for another key. */
	/* guard: NUL in a key */
	if (scan.has_nul_key)
		return fail_field(failure, "", "a key must not contain NUL");
	*value_r = wrap(object);
	return ERR_OK;
}

const struct jval *
jin_parse_own(struct arena *arena, const char *text)
{
	struct json_object *object;
	size_t pos;

	if (!parse(text, strlen(text), &object, &pos)) {
		json_object_put(object);
		return NULL;
	}
	if (object)
		arena_cleanup(arena, put_object, object);
	return wrap(object);
}

/* --- reading --- */

bool
jin_is_object(const struct jval *value)
{
	return is_type(value, json_type_object);
}

bool
jin_is_array(const struct jval *value)
{
	return is_type(value, json_type_array);
}

bool
jin_is_text(const struct jval *value)
{
	return is_type(value, json_type_string);
}

bool
jin_is_bool(const struct jval *value)
{
	return is_type(value, json_type_boolean);
}

bool
jin_is_null(const struct jval *value)
{
	return (const void *)value == &null_value;
}

bool
jin_is_i64(const struct jval *value)
{
	int64_t number;

	/* guard: integer */
	if (!is_type(value, json_type_int))
		return false;
	/* The library cuts numbers beyond int64 to its limits, which are out of our range as
	 * well. */
	number = json_object_get_int64(unwrap(value));
	/* guard: within 2 to the 53 */
	return number >= -JIN_INT_MAX && number <= JIN_INT_MAX;
}

const struct jval *
jin_get(const struct jval *object, const char *key)
{
	struct json_object *member;

	assert(jin_is_object(object));
	if (!json_object_object_get_ex(unwrap(object), key, &member) || !member)
		return NULL;
	return wrap(member);
}

const char *
jin_get_text(const struct jval *object, const char *key)
{
	const struct jval *value = jin_get(object, key);

	return value ? jin_text(value) : NULL;
}

int64_t
jin_get_i64(const struct jval *object, const char *key)
{
	const struct jval *value = jin_get(object, key);

	assert(value);
	return jin_i64(value);
}

int64_t
jin_get_i64_or(const struct jval *object, const char *key, int64_t otherwise)
{
	const struct jval *value = jin_get(object, key);

	return value ? jin_i64(value) : otherwise;
}

bool
jin_get_bool(const struct jval *object, const char *key)
{
	const struct jval *value = jin_get(object, key);

	assert(value);
	return jin_bool(value);
}

size_t
jin_array_length(const struct jval *array)
{
	assert(jin_is_array(array));
	return json_object_array_length(unwrap(array));
}

const struct jval *
jin_array_at(const struct jval *array, size_t index)
{
	assert(index < jin_array_length(array));
	return wrap(json_object_array_get_idx(unwrap(array), index));
}

int64_t
jin_i64(const struct jval *value)
{
	assert(jin_is_i64(value));
	return json_object_get_int64(unwrap(value));
}

bool
jin_bool(const struct jval *value)
{
	assert(jin_is_bool(value));
	return json_object_get_boolean(unwrap(value));
}

const char *
jin_text(const struct jval *value)
{
	assert(jin_is_text(value));
	return json_object_get_string(unwrap(value));
}

size_t
jin_text_length(const struct jval *value)
{
	assert(jin_is_text(value));
	return (size_t)json_object_get_string_len(unwrap(value));
}

/* The cursor is the address of the last entry given: the members are a linked list. */
bool
jin_object_next(const struct jval *object, size_t *cursor, const char **key_r,
		const struct jval **value_r)
{
	const struct lh_entry *entry = (const struct lh_entry *)*cursor;

	assert(jin_is_object(object));
	if (entry)
		entry = lh_entry_next(entry);
	else
		entry = lh_table_head(json_object_get_object(unwrap(object)));
	if (!entry)
		return false;
	*cursor = (size_t)entry;
	*key_r = lh_entry_k(entry);
	*value_r = wrap((struct json_object *)(uintptr_t)lh_entry_v(entry));
	return true;
}
