#include "config.h"

#include "api/openapi_shape.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/money.h"
#include "base/zone.h"
#include "json/jin.h"
#include "json/jout.h"
#include "words/words.h"

static void
put_type(struct jout *out, const char *type, bool is_nullable)
{
	jout_key(out, "type");
	if (!is_nullable) {
		jout_text(out, type);
		return;
	}
	jout_array(out);
	jout_text(out, type);
	jout_text(out, "null");
	jout_end(out);
}

static void
put_range(struct jout *out, const struct jin_field *field)
{
	jout_key_i64(out, "minimum", field->min);
	jout_key_i64(out, "maximum", field->max);
}

static void
put_integer(struct jout *out, const struct jin_field *field, bool has_default)
{
	put_range(out, field);
	/* A value out of range only marks an absent field. */
	if (has_default && field->otherwise != 0 && field->otherwise >= field->min)
		jout_key_i64(out, "default", field->otherwise);
}

static void
put_names(struct jout *out, const char *const *names, bool is_nullable)
{
	jout_key(out, "enum");
	jout_array(out);
	for (size_t i = 0; names[i] != NULL; i++)
		jout_text(out, names[i]);
	if (is_nullable)
		jout_null(out);
	jout_end(out);
}

static void
put_text(struct jout *out, const struct jin_field *field, bool is_nullable)
{
	static const struct {
		const char *name, *format, *pattern;
		const char *const *values;
	} formats[] = {
		{"currency", NULL, "^[A-Z]{3}$", money_currencies},
		{"email", "email", NULL, NULL},
		{"phone", NULL, "^\\+[0-9]{7,15}$", NULL},
		{"zone", NULL, ZONE_PATTERN, NULL},
	};
	const char *pattern = words_pattern(out->buf->arena, jin_words(field));

	if (field->min > 0)
		jout_key_i64(out, "minLength", field->min);
	jout_key_i64(out, "maxLength", field->max);
	for (size_t i = 0; field->format != NULL && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, field->format) != 0)
			continue;
		if (formats[i].format != NULL)
			jout_key_text(out, "format", formats[i].format);
		if (formats[i].pattern != NULL)
			pattern = formats[i].pattern;
		if (formats[i].values != NULL)
			put_names(out, formats[i].values, is_nullable);
	}
	jout_key_text(out, "pattern", pattern);
}

/* Made by us and given back unchanged. */
static void
put_cursor(struct jout *out)
{
	jout_key_i64(out, "minLength", 1);
	jout_key_text(out, "pattern", "^[A-Za-z0-9_-]+$");
}

/* Writes several numbers, as an array or as the members of an object. */
static void
put_numbers(struct jout *out, const struct jin_field *field)
{
	const bool is_set = field->type == JIN_I64_SET;

	jout_key_i64(out, is_set ? "minItems" : "minProperties", 1);
	jout_key_i64(out, is_set ? "maxItems" : "maxProperties", (int64_t)field->count_max);
	if (is_set) {
		jout_key_bool(out, "uniqueItems", true);
	} else {
		jout_key(out, "propertyNames");
		jout_object(out);
		jout_key_text(out, "pattern", words_pattern(out->buf->arena, WORDS_LINE));
		jout_end(out);
	}
	jout_key(out, is_set ? "items" : "additionalProperties");
	jout_object(out);
	jout_key_text(out, "type", "integer");
	put_range(out, field);
	jout_end(out);
}

static const char *
ref_of(struct jout *out, const char *kind, const char *name)
{
	return arena_printf(out->buf->arena, "#/components/%s/%s", kind, name);
}

void
openapi_shape_ref(struct jout *out, const char *kind, const char *name)
{
	jout_object(out);
	jout_key_text(out, "$ref", ref_of(out, kind, name));
	jout_end(out);
}

static void
put_object(struct jout *out, const struct jin_field *field, bool is_nullable)
{
	if (!is_nullable) {
		jout_key_text(out, "$ref", ref_of(out, "schemas", field->shape->name));
		return;
	}
	jout_key(out, "anyOf");
	jout_array(out);
	openapi_shape_ref(out, "schemas", field->shape->name);
	jout_raw(out, "{\"type\":\"null\"}", strlen("{\"type\":\"null\"}"));
	jout_end(out);
}

static void
put_objects(struct jout *out, const struct jin_field *field)
{
	jout_key_i64(out, "minItems", 1);
	jout_key_i64(out, "maxItems", (int64_t)field->count_max);
	jout_key(out, "items");
	openapi_shape_ref(out, "schemas", field->shape->name);
}

void
openapi_shape_value(struct jout *out, const struct jin_shape *shape, const struct jin_field *field)
{
	static const struct {
		const char *type, *format;
	} types[JIN_TYPE_MAX] = {
		[JIN_TEXT] = {"string", NULL},        [JIN_I64] = {"integer", NULL},
		[JIN_BOOL] = {"boolean", NULL},       [JIN_UUID] = {"string", "uuid"},
		[JIN_TIME] = {"string", "date-time"}, [JIN_DATE] = {"string", "date"},
		[JIN_CURSOR] = {"string", NULL},      [JIN_I64_SET] = {"array", NULL},
		[JIN_I64_MAP] = {"object", NULL},     [JIN_OBJECTS] = {"array", NULL},
	};
	const bool is_nullable = jin_is_nullable(shape, field);

	if (types[field->type].type != NULL)
		put_type(out, types[field->type].type, is_nullable);
	if (types[field->type].format != NULL)
		jout_key_text(out, "format", types[field->type].format);
	if (field->type == JIN_TEXT)
		put_text(out, field, is_nullable);
	else if (field->type == JIN_CURSOR)
		put_cursor(out);
	else if (field->type == JIN_I64)
		put_integer(out, field, !shape->is_change);
	else if (field->type == JIN_ENUM)
		put_names(out, field->values, is_nullable);
	else if (field->type == JIN_I64_SET || field->type == JIN_I64_MAP)
		put_numbers(out, field);
	else if (field->type == JIN_OBJECT)
		put_object(out, field, is_nullable);
	else if (field->type == JIN_OBJECTS)
		put_objects(out, field);
}

/* Writes the member, in each form that it may have. */
static void
put_field(struct jout *out, const struct jin_shape *shape, const struct jin_field *field)
{
	jout_key(out, field->name);
	jout_object(out);
	jout_key_text(out, "description", field->doc);
	if (field[1].is_other_form) {
		jout_key(out, "anyOf");
		jout_array(out);
		do {
			jout_object(out);
			openapi_shape_value(out, shape, field);
			jout_end(out);
		} while ((++field)->is_other_form);
		jout_end(out);
	} else {
		openapi_shape_value(out, shape, field);
	}
	jout_end(out);
}

/* Exactly one of the members that exclude each other. */
static void
put_choice(struct jout *out, const struct jin_shape *shape)
{
	bool is_open = false;

	for (const struct jin_field *field = shape->fields; field->name != NULL; field++) {
		if (!field->is_choice)
			continue;
		if (!is_open) {
			jout_key(out, "oneOf");
			jout_array(out);
			is_open = true;
		}
		jout_object(out);
		jout_key(out, "required");
		jout_array(out);
		jout_text(out, field->name);
		jout_end(out);
		jout_end(out);
	}
	if (is_open)
		jout_end(out);
}

void
openapi_shape(struct jout *out, const struct jin_shape *shape)
{
	jout_object(out);
	jout_key_text(out, "type", "object");
	jout_key_bool(out, "additionalProperties", false);
	jout_key(out, "required");
	jout_array(out);
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++)
		if (jin_is_required(shape, field))
			jout_text(out, field->name);
	jout_end(out);
	jout_key(out, "properties");
	jout_object(out);
	for (const struct jin_field *field = shape->fields; field->name != NULL; field++)
		if (!field->is_other_form)
			put_field(out, shape, field);
	jout_end(out);
	put_choice(out, shape);
	jout_end(out);
}
