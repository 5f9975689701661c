/*
 * Shapes: a request body read by its table into a struct. Every violation is reported, not only the
 * first, so that a client can mark all its fields at once.
 */
#include "config.h"

#include "json/jin.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#define EMAIL_MAX 254
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15
#define NAME_SHOWN_MAX 64 /* bytes of an unknown member's name in the answer */

/* One field on its way from the document into the target. */
struct reading {
	struct arena *arena;
	const struct jin_field *field;
	const struct jval *value;
	void *member; /* of the target */
	struct failure *failure;
};

/* --- formats of text --- */

/* local@domain: one @, something on both sides, no spaces and control characters. Whether mail
 * arrives is another question. */
static bool
is_email(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (len > EMAIL_MAX || !at || at == text || at == text + len - 1)
		return false;
	if (memchr(at + 1, '@', len - (size_t)(at + 1 - text)))
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	}
	return true;
}

static bool
is_phone(const char *text, size_t len)
{
	if (len < 1 + PHONE_DIGITS_MIN || len > 1 + PHONE_DIGITS_MAX || text[0] != '+')
		return false;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

static const struct {
	const char *name;
	bool (*is_valid)(const char *text, size_t len);
	const char *message;
} formats[] = {
	{"email", is_email, "must be an e-mail address"},
	{"phone", is_phone, "must be + and 7 to 15 digits"},
};

static enum err
check_format(const struct reading *reading, const char *text, size_t len)
{
	const char *format = reading->field->format;

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i].name, format) != 0)
			continue;
		if (formats[i].is_valid(text, len))
			return ERR_OK;
		return fail_field(reading->failure, reading->field->name, "%s", formats[i].message);
	}
	assert(!"a format of the table is unknown");
	return ERR_INTERNAL;
}

/* --- one reader a type --- */

/* A name that the client chose, cut between two characters where it is long. */
static const char *
shown(struct arena *arena, const char *name)
{
	size_t len = strnlen(name, NAME_SHOWN_MAX + 1);

	if (len > NAME_SHOWN_MAX) {
		len = NAME_SHOWN_MAX;
		while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
			len--;
	}
	return arena_strndup(arena, name, len);
}

/* The text of the value, checked for NUL; NULL after recording the violation. */
static const char *
text_of(const struct reading *reading, size_t *len_r)
{
	const char *name = reading->field->name, *text;

	if (!jin_is_text(reading->value)) {
		(void)fail_field(reading->failure, name, "must be a string");
		return NULL;
	}
	text = jin_text(reading->value);
	*len_r = jin_text_length(reading->value);
	if (strlen(text) == *len_r)
		return text;
	(void)fail_field(reading->failure, name, "must not contain NUL");
	return NULL;
}

static enum err
read_text(const struct reading *reading)
{
	const struct jin_field *field = reading->field;
	int64_t points;
	size_t len;
	const char *text = text_of(reading, &len);

	if (!text)
		return ERR_INVALID;
	points = (int64_t)text_utf8_length(text, len);
	if (points < field->min || points > field->max) {
		return fail_field(reading->failure, field->name,
				  "must have %" PRId64 " to %" PRId64 " characters", field->min,
				  field->max);
	}
	if (field->format && check_format(reading, text, len) != ERR_OK)
		return ERR_INVALID;
	*(const char **)reading->member = text;
	return ERR_OK;
}

/* An integer within the field's range, reported under `path`. */
static enum err
number_of(const struct reading *reading, const struct jval *value, const char *path,
	  int64_t *number_r)
{
	const struct jin_field *field = reading->field;
	int64_t number;

	if (!jin_is_i64(value))
		return fail_field(reading->failure, path, "must be an integer");
	number = jin_i64(value);
	if (number < field->min || number > field->max) {
		return fail_field(reading->failure, path,
				  "must be between %" PRId64 " and %" PRId64, field->min,
				  field->max);
	}
	*number_r = number;
	return ERR_OK;
}

static enum err
read_i64(const struct reading *reading)
{
	return number_of(reading, reading->value, reading->field->name, reading->member);
}

static enum err
read_bool(const struct reading *reading)
{
	if (!jin_is_bool(reading->value))
		return fail_field(reading->failure, reading->field->name, "must be true or false");
	*(bool *)reading->member = jin_bool(reading->value);
	return ERR_OK;
}

static enum err
read_uuid(const struct reading *reading)
{
	size_t len;
	const char *text = text_of(reading, &len);

	if (!text)
		return ERR_INVALID;
	if (!uuid_parse(text, len, reading->member))
		return fail_field(reading->failure, reading->field->name, "must be a UUID");
	return ERR_OK;
}

static enum err
read_time(const struct reading *reading)
{
	size_t len;
	const char *text = text_of(reading, &len);

	if (!text)
		return ERR_INVALID;
	if (!clock_parse(text, len, reading->member)) {
		return fail_field(reading->failure, reading->field->name,
				  "must be a time such as 2026-11-21T19:30:00+09:00");
	}
	return ERR_OK;
}

static enum err
read_enum(const struct reading *reading)
{
	const char *const *values = reading->field->values;
	size_t len;
	const char *text = text_of(reading, &len), *list;

	if (!text)
		return ERR_INVALID;
	for (size_t i = 0; values[i]; i++) {
		if (strcmp(values[i], text) == 0) {
			*(const char **)reading->member = values[i];
			return ERR_OK;
		}
	}
	list = values[0];
	for (size_t i = 1; values[i]; i++)
		list = arena_printf(reading->arena, "%s, %s", list, values[i]);
	return fail_field(reading->failure, reading->field->name, "must be one of %s", list);
}

static enum err
check_count(const struct reading *reading, size_t count, const char *what)
{
	size_t max = reading->field->count_max;

	if (count >= 1 && count <= max)
		return ERR_OK;
	return fail_field(reading->failure, reading->field->name, "must have 1 to %zu %s", max,
			  what);
}

struct numbered {
	int64_t number;
	size_t index; /* in the document */
};

static int
numbered_compare(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

/* Sorts and refuses what is there twice, under the index of the later one. */
static enum err
set_of(const struct reading *reading, struct numbered *items, size_t count)
{
	struct jin_i64s *set = reading->member;
	int64_t *numbers = arena_calloc(reading->arena, count, sizeof *numbers);
	size_t *places = arena_calloc(reading->arena, count, sizeof *places);
	enum err err = ERR_OK;

	qsort(items, count, sizeof *items, numbered_compare);
	for (size_t i = 0; i < count; i++) {
		numbers[i] = items[i].number;
		places[i] = items[i].index;
		if (i == 0 || numbers[i] != numbers[i - 1])
			continue;
		err = fail_field(reading->failure,
				 arena_printf(reading->arena, "%s[%zu]", reading->field->name,
					      items[i].index),
				 "must not be there twice");
	}
	if (err == ERR_OK)
		*set = (struct jin_i64s){.items = numbers, .places = places, .count = count};
	return err;
}

static enum err
read_i64_set(const struct reading *reading)
{
	struct numbered *items;
	enum err err = ERR_OK;
	size_t count;

	if (!jin_is_array(reading->value))
		return fail_field(reading->failure, reading->field->name, "must be an array");
	count = jin_array_length(reading->value);
	if (check_count(reading, count, "elements") != ERR_OK)
		return ERR_INVALID;
	items = arena_calloc(reading->arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		const struct jval *value = jin_array_at(reading->value, i);
		int64_t number;

		/* The path is made for offenders only. */
		if (jin_is_i64(value) && jin_i64(value) >= reading->field->min &&
		    jin_i64(value) <= reading->field->max)
			items[i] = (struct numbered){.number = jin_i64(value), .index = i};
		else
			err = number_of(
				reading, value,
				arena_printf(reading->arena, "%s[%zu]", reading->field->name, i),
				&number);
	}
	return err == ERR_OK ? set_of(reading, items, count) : err;
}

static enum err
read_i64_map(const struct reading *reading)
{
	struct jin_map *map = reading->member;
	const struct jval *value;
	size_t cursor = 0, count = 0;
	enum err err = ERR_OK;
	const char *key;

	if (!jin_is_object(reading->value))
		return fail_field(reading->failure, reading->field->name, "must be an object");
	while (jin_object_next(reading->value, &cursor, &key, &value))
		count++;
	if (check_count(reading, count, "members") != ERR_OK)
		return ERR_INVALID;
	cursor = 0;
	while (jin_object_next(reading->value, &cursor, &key, &value)) {
		int64_t number;

		if (number_of(reading, value,
			      arena_printf(reading->arena, "%s.%s", reading->field->name,
					   shown(reading->arena, key)),
			      &number) != ERR_OK)
			err = ERR_INVALID;
	}
	if (err == ERR_OK)
		*map = (struct jin_map){.object = reading->value, .count = count};
	return err;
}

/* Handlers read these values themselves, as C strings: no text below may hide what is behind a NUL.
 */
static bool
has_nul(const struct jval *value)
{
	const struct jval *member;
	size_t cursor = 0;
	const char *key;

	if (jin_is_text(value))
		return strlen(jin_text(value)) != jin_text_length(value);
	if (jin_is_array(value)) {
		for (size_t i = 0; i < jin_array_length(value); i++) {
			if (has_nul(jin_array_at(value, i)))
				return true;
		}
	} else if (jin_is_object(value)) {
		while (jin_object_next(value, &cursor, &key, &member)) {
			if (has_nul(member))
				return true;
		}
	}
	return false;
}

static enum err
read_value(const struct reading *reading)
{
	const char *name = reading->field->name;

	if (!jin_is_object(reading->value) && !jin_is_array(reading->value))
		return fail_field(reading->failure, name, "must be an object or an array");
	if (has_nul(reading->value))
		return fail_field(reading->failure, name, "must not contain NUL");
	*(const struct jval **)reading->member = reading->value;
	return ERR_OK;
}

static enum err (*const readers[JIN_TYPE_MAX])(const struct reading *reading) = {
	[JIN_TEXT] = read_text,       [JIN_I64] = read_i64,         [JIN_BOOL] = read_bool,
	[JIN_UUID] = read_uuid,       [JIN_TIME] = read_time,       [JIN_ENUM] = read_enum,
	[JIN_I64_SET] = read_i64_set, [JIN_I64_MAP] = read_i64_map, [JIN_VALUE] = read_value,
};

/* --- the whole --- */

static enum err
read_field(struct arena *arena, const struct jin_field *field, const struct jval *value,
	   void *target, struct failure *failure)
{
	struct reading reading = {
		.arena = arena,
		.field = field,
		.value = value,
		.member = (char *)target + field->offset,
		.failure = failure,
	};

	if (!value) {
		if (field->is_required)
			return fail_field(failure, field->name, "is required");
		return ERR_OK;
	}
	if (!jin_is_null(value)) {
		if (readers[field->type](&reading) != ERR_OK)
			return ERR_INVALID;
	} else if (!field->is_nullable) {
		return fail_field(failure, field->name, "must not be null");
	}
	if (field->given_offset)
		*(bool *)((char *)target + field->given_offset) = true;
	return ERR_OK;
}

static bool
is_known(const struct jin_shape *shape, const char *name)
{
	for (const struct jin_field *field = shape->fields; field->name; field++) {
		if (strcmp(field->name, name) == 0)
			return true;
	}
	return false;
}

/* The member `name`, also when it is null; NULL when absent. */
static const struct jval *
member_of(const struct jval *object, const char *name)
{
	const struct jval *value;
	size_t cursor = 0;
	const char *key;

	while (jin_object_next(object, &cursor, &key, &value)) {
		if (strcmp(key, name) == 0)
			return value;
	}
	return NULL;
}

enum err
jin_read(struct arena *arena, const struct jval *value, const struct jin_shape *shape, void *target,
	 struct failure *failure)
{
	const struct jval *member;
	enum err err = ERR_OK;
	size_t cursor = 0;
	const char *key;

	if (value && !jin_is_object(value))
		return fail_field(failure, "", "the body must be an object");
	for (const struct jin_field *field = shape->fields; field->name; field++) {
		member = value ? member_of(value, field->name) : NULL;
		if (read_field(arena, field, member, target, failure) != ERR_OK)
			err = ERR_INVALID;
	}
	while (value && jin_object_next(value, &cursor, &key, &member)) {
		if (!is_known(shape, key))
			err = fail_field(failure, shown(arena, key),
					 "is not a field of this request");
	}
	return err;
}
