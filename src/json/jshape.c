/*
 * Shapes: read a request body, or a query, by a table into a struct. Every violation is reported,
 * not only the first one, so that a client can mark all its fields at once.
 */
#include "config.h"

#include "json/jin.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "json/jfield.h"

#define FIELDS_MAX 32  /* of one shape */
#define REFUSED_MAX 20 /* elements of an array; a failure keeps no more */

bool
jin_is_required(const struct jin_shape *shape, const struct jin_field *field)
{
	return field->is_required && !shape->is_change;
}

bool
jin_is_nullable(const struct jin_shape *shape, const struct jin_field *field)
{
	return field->is_nullable &&
	       /* guard: null in a change */ (!shape->is_change || field->given_offset);
}

/* --- one field --- */

static void
note_given(const struct jin_field *field, void *target)
{
	if (field->given_offset)
		*(bool *)((char *)target + field->given_offset) = true;
}

static void
set_default(const struct jin_field *field, void *target)
{
	if (field->otherwise != 0)
		*(int64_t *)((char *)target + field->offset) = field->otherwise;
}

static enum err
read_field(const struct jin_shape *shape, const struct jreading *reading, void *target)
{
	const struct jin_field *field = reading->field;

	if (!shape->is_change || (reading->value && jin_is_null(reading->value)))
		set_default(field, target);
	if (!reading->value) {
		/* guard: missing member */
		if (jin_is_required(shape, field))
			return fail_field(reading->failure,
					  jfield_path(reading->arena, reading->place), "%s",
					  "is required");
		return ERR_OK;
	}
	if (!jin_is_null(reading->value)) {
		if (jfield_read(reading) != ERR_OK)
			return ERR_INVALID;
	} else if (/* guard: null */ !jin_is_nullable(shape, field)) {
		return jfield_refuse(reading, "must not be null");
	} else if (/* guard: null is absent */ !shape->is_change) {
		return ERR_OK;
	}
	note_given(field, target);
	return ERR_OK;
}

/* Returns the first form of the member that fits the kind of the JSON value; if none fits, the
 * last. */
static const struct jin_field *
form_of(const struct jin_field *field, const struct jval *value)
{
	if (!value || jin_is_null(value))
		return field;
	for (; field[1].is_other_form; field++)
		if (jin_is_array(value) == (field->type == JIN_OBJECTS))
			break;
	return field;
}

/* --- objects --- */

/* Position of the field. Without a match, the position of the row that ends the table. */
static size_t
position_of(const struct jin_shape *shape, const char *name)
{
	size_t i = 0;

	while (shape->fields[i].name && strcmp(shape->fields[i].name, name) != 0)
		i++;
	return i;
}

static bool
is_known(const struct jin_shape *shape, const char *name)
{
	return shape->fields[position_of(shape, name)].name;
}

/* Finds the members by position, including those that are null; NULL where absent. Returns false
 * when there are unknown members. */
static bool
find_members(const struct jval *object, const struct jin_shape *shape,
	     const struct jval *values[FIELDS_MAX])
{
	const struct jval *value;
	bool is_all_known = true;
	size_t cursor = 0, i;
	const char *key;

	while (object && jin_object_next(object, &cursor, &key, &value)) {
		i = position_of(shape, key);
		assert(i < FIELDS_MAX);
		if (shape->fields[i].name)
			values[i] = value;
		else
			is_all_known = false;
	}
	return is_all_known;
}

static enum err
refuse_unknown(struct arena *arena, const struct jval *object, const struct jin_shape *shape,
	       const struct jplace *above, struct failure *failure)
{
	const struct jval *member;
	enum err err = ERR_OK;
	size_t cursor = 0;
	const char *key;

	while (jin_object_next(object, &cursor, &key, &member)) {
		/* guard: unknown member */
		if (!is_known(shape, key)) {
			const struct jplace place = {.above = above,
						     .name = jfield_shown(arena, key)};

			err = fail_field(failure, jfield_path(arena, &place),
					 "is not a field of this request");
		}
	}
	return err;
}

/* Exactly one of the members that exclude each other. The violation is at the first. */
static enum err
check_choice(const struct jin_shape *shape, const struct jval *values[], struct arena *arena,
	     const struct jplace *above, struct failure *failure)
{
	const struct jin_field *first = NULL;
	const char *others = NULL;
	size_t given = 0;

	for (size_t i = 0; shape->fields[i].name; i++) {
		const struct jin_field *field = &shape->fields[i];

		if (!field->is_choice)
			continue;
		given += values[i] != NULL;
		if (!first)
			first = field;
		else
			others = others ? arena_printf(arena, "%s or %s", others, field->name)
					: field->name;
	}
	/* guard: choice */
	if (!first || given == 1)
		return ERR_OK;
	return fail_field(failure,
			  jfield_path(arena, &(struct jplace){.above = above, .name = first->name}),
			  "is required unless there is %s, never both", others);
}

/* An `object` of NULL stands for {}. */
static enum err
read_object(struct arena *arena, const struct jval *object, const struct jin_shape *shape,
	    void *target, const struct jplace *above, struct failure *failure)
{
	const struct jval *values[FIELDS_MAX] = {NULL};
	const bool is_all_known = find_members(object, shape, values);
	const struct jin_field *fields = shape->fields;
	enum err err = ERR_OK;

	for (size_t i = 0; fields[i].name; i++) {
		const struct jplace place = {.above = above, .name = fields[i].name};
		const struct jin_field *form = form_of(&fields[i], values[i]);
		const struct jreading reading = {
			.arena = arena,
			.field = form,
			.place = &place,
			.value = values[i],
			.member = (char *)target + form->offset,
			.failure = failure,
		};

		if (read_field(shape, &reading, target) != ERR_OK)
			err = ERR_INVALID;
		while (fields[i + 1].is_other_form)
			i++;
	}
	if (check_choice(shape, values, arena, above, failure) != ERR_OK)
		err = ERR_INVALID;
	return is_all_known ? err : refuse_unknown(arena, object, shape, above, failure);
}

enum err
jshape_read_object(const struct jreading *reading)
{
	if (!jin_is_object(reading->value))
		return jfield_refuse(reading, "must be an object");
	return read_object(reading->arena, reading->value, reading->field->shape, reading->member,
			   reading->place, reading->failure);
}

static enum err
read_element(const struct jreading *reading, size_t index, void *target)
{
	const struct jplace place = {.above = reading->place, .index = index};
	const struct jval *value = jin_array_at(reading->value, index);

	if (!jin_is_object(value))
		return fail_field(reading->failure, jfield_path(reading->arena, &place),
				  "must be an object");
	return read_object(reading->arena, value, reading->field->shape, target, &place,
			   reading->failure);
}

enum err
jshape_read_objects(const struct jreading *reading)
{
	const size_t size = reading->field->shape->size, max = reading->field->count_max;
	struct jin_objects *objects = reading->member;
	size_t count, refused = 0;
	char *items;

	if (!jin_is_array(reading->value) || jin_array_length(reading->value) == 0)
		return jfield_refuse(reading, "must be an array that is not empty");
	count = jin_array_length(reading->value);
	/* guard: number of objects */
	if (count > max)
		return fail_field(reading->failure, jfield_path(reading->arena, reading->place),
				  "must have at most %zu elements", max);
	items = arena_calloc(reading->arena, count, size);
	for (size_t i = 0; i < count && refused < REFUSED_MAX; i++)
		if (read_element(reading, i, items + i * size) != ERR_OK)
			refused++;
	if (refused > 0)
		return ERR_INVALID;
	*objects = (struct jin_objects){.items = items, .count = count};
	return ERR_OK;
}

/* --- the whole --- */

enum err
jin_read(struct arena *arena, const struct jval *value, const struct jin_shape *shape, void *target,
	 struct failure *failure)
{
	if (value && !jin_is_object(value))
		return fail_field(failure, "", "the body must be an object");
	return read_object(arena, value, shape, target, NULL, failure);
}

enum err
jin_read_query(struct arena *arena, const struct jin_pair *pairs, size_t count,
	       const struct jin_shape *shape, void *target, struct failure *failure)
{
	enum err err = ERR_OK;

	for (const struct jin_field *field = shape->fields; field->name; field++) {
		const struct jplace place = {.name = field->name};
		const struct jreading reading = {
			.arena = arena,
			.field = field,
			.place = &place,
			.member = (char *)target + field->offset,
			.failure = failure,
		};
		size_t i = 0;

		set_default(field, target);
		while (i < count && strcmp(pairs[i].name, field->name) != 0)
			i++;
		if (i == count)
			continue;
		if (jfield_take(&reading, pairs[i].value) == ERR_OK)
			note_given(field, target);
		else
			err = ERR_INVALID;
	}
	return err;
}
