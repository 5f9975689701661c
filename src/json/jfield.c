/*
 * Each type has one reader. The same functions take a text from a document and from a query.
 */
#include "config.h"

#include "json/jfield.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "json/jformat.h"

#define NAME_SHOWN_MAX 64 /* bytes of an unknown member's name in the answer */
#define LETTER_MAX 4      /* characters that NFC may make one of: a letter and its marks */

/* --- violations --- */

const char *
jfield_path(struct arena *arena, const struct jplace *place)
{
	const char *above;

	if (!place)
		return "";
	above = jfield_path(arena, place->above);
	if (!place->name)
		return arena_printf(arena, "%s[%zu]", above, place->index);
	return arena_printf(arena, "%s%s%s", above, place->above ? "." : "", place->name);
}

static enum err
refuse_at(const struct jreading *reading, const struct jplace *place, const char *format,
	  va_list args)
{
	const char *says = reading->field->says;

	return fail_field(reading->failure, jfield_path(reading->arena, place), "%s",
			  says ? says : arena_vprintf(reading->arena, format, args));
}

enum err
jfield_refuse(const struct jreading *reading, const char *format, ...)
{
	va_list args;
	enum err err;

	va_start(args, format);
	err = refuse_at(reading, reading->place, format, args);
	va_end(args);
	return err;
}

/* Refuses an element or a member of the value. */
static enum err
refuse_below(const struct jreading *reading, const char *name, size_t index, const char *format,
	     ...)
{
	const struct jplace place = {.above = reading->place, .name = name, .index = index};
	va_list args;
	enum err err;

	va_start(args, format);
	err = refuse_at(reading, &place, format, args);
	va_end(args);
	return err;
}

const char *
jfield_shown(struct arena *arena, const char *name)
{
	size_t len = strnlen(name, NAME_SHOWN_MAX + 1);

	if (len > NAME_SHOWN_MAX) {
		len = NAME_SHOWN_MAX;
		while (len > 0 && ((unsigned char)name[len] & 0xc0) == 0x80)
			len--;
	}
	return arena_strndup(arena, name, len);
}

/* --- texts, of a document or a query --- */

enum words_kind
jin_words(const struct jin_field *field)
{
	return field->format ? jformat_of(field->format)->words : field->words;
}

static enum err
check_format(const struct jreading *reading, const char *text)
{
	const struct jformat *format = jformat_of(reading->field->format);

	if (format->is_valid(text, strlen(text)))
		return ERR_OK;
	return jfield_refuse(reading, "%s", format->message);
}

static enum err
check_length(const struct jreading *reading, const char *text, int64_t max)
{
	const struct jin_field *field = reading->field;
	const int64_t points = (int64_t)text_utf8_length(text, strlen(text));

	/* guard: length of a text */
	if (points >= field->min && points <= max)
		return ERR_OK;
	return jfield_refuse(reading, "must have %" PRId64 " to %" PRId64 " characters", field->min,
			     field->max);
}

/* The length counts in the form that is kept. What cannot become short enough is not looked at. */
static enum err
take_text(const struct jreading *reading, const char *text, size_t len)
{
	const struct jin_field *field = reading->field;
	const char *taken, *says;

	(void)len;
	if (check_length(reading, text, field->max * LETTER_MAX) != ERR_OK)
		return ERR_INVALID;
	taken = words_take(reading->arena, jin_words(field), text, &says);
	if (!taken)
		return jfield_refuse(reading, "%s",
				     field->format ? jformat_of(field->format)->message : says);
	if (check_length(reading, taken, field->max) != ERR_OK)
		return ERR_INVALID;
	/* guard: format */
	if (field->format && check_format(reading, taken) != ERR_OK)
		return ERR_INVALID;
	*(const char **)reading->member = taken;
	return ERR_OK;
}

static enum err
take_uuid(const struct jreading *reading, const char *text, size_t len)
{
	if (!uuid_parse(text, len, reading->member))
		return jfield_refuse(reading, "must be a UUID");
	return ERR_OK;
}

static enum err
take_time(const struct jreading *reading, const char *text, size_t len)
{
	if (!clock_parse(text, len, reading->member))
		return jfield_refuse(reading, "must be a time such as 2026-11-21T19:30:00+09:00");
	return ERR_OK;
}

static enum err
take_date(const struct jreading *reading, const char *text, size_t len)
{
	int32_t days;

	/* guard: day */
	if (!clock_parse_date(text, len, &days))
		return jfield_refuse(reading, "must be a day such as 2026-11-21");
	*(const char **)reading->member = text;
	return ERR_OK;
}

static enum err
take_enum(const struct jreading *reading, const char *text, size_t len)
{
	const char *const *values = reading->field->values;
	const char *list;

	(void)len;
	for (size_t i = 0; values[i]; i++) {
		if (strcmp(values[i], text) == 0) {
			*(const char **)reading->member = values[i];
			return ERR_OK;
		}
	}
	list = values[0];
	for (size_t i = 1; values[i]; i++)
		list = arena_printf(reading->arena, "%s, %s", list, values[i]);
	return jfield_refuse(reading, "must be one of %s", list);
}

/* Only the list itself can tell whether the cursor is one of its own. */
static enum err
take_cursor(const struct jreading *reading, const char *text, size_t len)
{
	(void)len;
	*(const char **)reading->member = text;
	return ERR_OK;
}

static enum err
take_number(const struct jreading *reading, const char *text, size_t len)
{
	const struct jin_field *field = reading->field;
	int64_t number;

	if (!text_parse_i64(text, len, &number) ||
	    /* guard: least of a query */ number < field->min ||
	    /* guard: most of a query */ number > field->max)
		return jfield_refuse(reading, "must be %" PRId64 " to %" PRId64, field->min,
				     field->max);
	*(int64_t *)reading->member = number;
	return ERR_OK;
}

static enum err (*const takers[JIN_TYPE_MAX])(const struct jreading *reading, const char *text,
					      size_t len) = {
	[JIN_TEXT] = take_text,  [JIN_UUID] = take_uuid, [JIN_TIME] = take_time,
	[JIN_DATE] = take_date,  [JIN_ENUM] = take_enum, [JIN_CURSOR] = take_cursor,
	[JIN_I64] = take_number,
};

enum err
jfield_take(const struct jreading *reading, const char *text)
{
	const enum jin_type type = reading->field->type;

	assert(takers[type]);
	return takers[type](reading, text, strlen(text));
}

/* --- values of a document --- */

static enum err
read_string(const struct jreading *reading)
{
	const char *text;
	size_t len;

	if (!jin_is_text(reading->value))
		return jfield_refuse(reading, "must be a string");
	text = jin_text(reading->value);
	len = jin_text_length(reading->value);
	/* guard: NUL */
	if (strlen(text) != len)
		return jfield_refuse(reading, "must not contain NUL");
	return takers[reading->field->type](reading, text, len);
}

static bool
is_within(const struct jin_field *field, const struct jval *value)
{
	return jin_is_i64(value) && jin_i64(value) >= field->min && jin_i64(value) <= field->max;
}

/* Refuses an integer that is_within() does not take, at an element or a member of the value. */
static enum err
refuse_number(const struct jreading *reading, const struct jval *value, const char *name,
	      size_t index)
{
	const struct jin_field *field = reading->field;

	if (!jin_is_i64(value))
		return refuse_below(reading, name, index, "must be an integer");
	return refuse_below(reading, name, index, "must be between %" PRId64 " and %" PRId64,
			    field->min, field->max);
}

static enum err
read_i64(const struct jreading *reading)
{
	const struct jin_field *field = reading->field;

	if (!jin_is_i64(reading->value))
		return jfield_refuse(reading, "must be an integer");
	/* guard: range of an integer */
	if (!is_within(field, reading->value)) {
		return jfield_refuse(reading, "must be between %" PRId64 " and %" PRId64,
				     field->min, field->max);
	}
	*(int64_t *)reading->member = jin_i64(reading->value);
	return ERR_OK;
}

static enum err
read_bool(const struct jreading *reading)
{
	if (!jin_is_bool(reading->value))
		return jfield_refuse(reading, "must be true or false");
	*(bool *)reading->member = jin_bool(reading->value);
	return ERR_OK;
}

static enum err
check_count(const struct jreading *reading, size_t count, const char *what)
{
	size_t max = reading->field->count_max;

	/* guard: number of elements */
	if ((count >= 1 && count <= max) || reading->field->is_count_open)
		return ERR_OK;
	return jfield_refuse(reading, "must have 1 to %zu %s", max, what);
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

/* Sorts the numbers and refuses duplicates, at the index of the later one. */
static enum err
set_of(const struct jreading *reading, struct numbered *items, size_t count)
{
	struct jin_i64s *set = reading->member;
	int64_t *numbers = arena_calloc(reading->arena, count, sizeof *numbers);
	size_t *places = arena_calloc(reading->arena, count, sizeof *places);
	enum err err = ERR_OK;

	qsort(items, count, sizeof *items, numbered_compare);
	for (size_t i = 0; i < count; i++) {
		numbers[i] = items[i].number;
		places[i] = items[i].index;
		/* guard: element twice */
		if (i == 0 || numbers[i] != numbers[i - 1])
			continue;
		err = refuse_below(reading, NULL, items[i].index, "must not be there twice");
	}
	if (err == ERR_OK)
		*set = (struct jin_i64s){.items = numbers, .places = places, .count = count};
	return err;
}

static enum err
read_i64_set(const struct jreading *reading)
{
	struct numbered *items;
	enum err err = ERR_OK;
	size_t count;

	if (!jin_is_array(reading->value))
		return jfield_refuse(reading, "must be an array");
	count = jin_array_length(reading->value);
	if (check_count(reading, count, "elements") != ERR_OK)
		return ERR_INVALID;
	if (count == 0)
		return ERR_OK;
	items = arena_calloc(reading->arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++) {
		const struct jval *value = jin_array_at(reading->value, i);

		/* guard: range of an element */
		if (is_within(reading->field, value))
			items[i] = (struct numbered){.number = jin_i64(value), .index = i};
		else
			err = refuse_number(reading, value, NULL, i);
	}
	return err == ERR_OK ? set_of(reading, items, count) : err;
}

size_t
jin_map_find(const struct jin_map *map, const char *name)
{
	size_t i = 0;

	while (i < map->count && strcmp(map->names[i], name) != 0)
		i++;
	return i;
}

/* Adds the member to the map, which has room for it. */
static enum err
read_member(const struct jreading *reading, const char *key, const struct jval *value,
	    struct jin_map *map, const char **names, int64_t *numbers)
{
	const char *shown = jfield_shown(reading->arena, key), *says;
	const char *name = words_take(reading->arena, WORDS_LINE, key, &says);

	if (!name)
		return refuse_below(reading, shown, 0, "has a name that %s", says);
	if (!is_within(reading->field, value))
		return refuse_number(reading, value, shown, 0);
	/* guard: name twice */
	if (jin_map_find(map, name) < map->count)
		return refuse_below(reading, shown, 0, "must not be there twice");
	names[map->count] = name;
	numbers[map->count++] = jin_i64(value);
	return ERR_OK;
}

static enum err
read_i64_map(const struct jreading *reading)
{
	struct jin_map map = {.count = 0};
	const struct jval *value;
	size_t cursor = 0, count = 0;
	enum err err = ERR_OK;
	const char *key, **names;
	int64_t *numbers;

	if (!jin_is_object(reading->value))
		return jfield_refuse(reading, "must be an object");
	while (jin_object_next(reading->value, &cursor, &key, &value))
		count++;
	if (check_count(reading, count, "members") != ERR_OK)
		return ERR_INVALID;
	map.names = names = arena_calloc(reading->arena, count, sizeof *names);
	map.numbers = numbers = arena_calloc(reading->arena, count, sizeof *numbers);
	cursor = 0;
	while (jin_object_next(reading->value, &cursor, &key, &value))
		if (read_member(reading, key, value, &map, names, numbers) != ERR_OK)
			err = ERR_INVALID;
	if (err == ERR_OK)
		*(struct jin_map *)reading->member = map;
	return err;
}

static enum err (*const readers[JIN_TYPE_MAX])(const struct jreading *reading) = {
	[JIN_TEXT] = read_string,
	[JIN_I64] = read_i64,
	[JIN_BOOL] = read_bool,
	[JIN_UUID] = read_string,
	[JIN_TIME] = read_string,
	[JIN_DATE] = read_string,
	[JIN_ENUM] = read_string,
	[JIN_CURSOR] = read_string,
	[JIN_I64_SET] = read_i64_set,
	[JIN_I64_MAP] = read_i64_map,
	[JIN_OBJECT] = jshape_read_object,
	[JIN_OBJECTS] = jshape_read_objects,
};

enum err
jfield_read(const struct jreading *reading)
{
	return readers[reading->field->type](reading);
}
