/*
 * A value for any schema that we write: its own example, its constant, its first choice, or what
 * its members make together. A member takes its value from the table of names below if that fits
 * its type, so a new field has an example at once. A test holds each against its schema.
 */
#include "config.h"

#include "api/openapi_example.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json/jin.h"
#include "json/jout.h"

/* By the name of a member. Text and number of one name are told apart by the type of the schema. */
static const struct {
	const char *name, *text;
	int64_t number;
} values[] = {
	{"CheckinRequest.code", "BO1.k1.CiABAgMEBQYHCAkKCwwNDg8AAAARAAAADA", 0},
	{"Ticket.code", "BO1.k1.CiABAgMEBQYHCAkKCwwNDg8AAAARAAAADA", 0},
	{"HallInfo.id", NULL, 5},
	{"HallInfo.name", "Main hall", 0},
	{"HallRequest.name", "Main hall", 0},
	{"NewHall.name", "Main hall", 0},
	{"Hold.state", "active", 0},
	{"LayoutRow.name", "A", 0},
	{"RowRequest.name", "A", 0},
	{"LayoutSection.name", "Stalls", 0},
	{"SectionRequest.name", "Stalls", 0},
	{"Layout.id", NULL, 9},
	{"NewLayout.id", NULL, 9},
	{"NewHall.id", NULL, 5},
	{"Order.state", "paid", 0},
	{"OwnedOrder.state", "paid", 0},
	{"Payment.state", "approved", 0},
	{"SessionList.address", "192.0.2.0/24", 0},
	{"Show.state", "on_sale", 0},
	{"ShowRow.state", "on_sale", 0},
	{"Venue.id", NULL, 3},
	{"VenueInfo.id", NULL, 3},
	{"Venue.name", "National Theatre", 0},
	{"VenueInfo.name", "National Theatre", 0},
	{"VenueRequest.name", "National Theatre", 0},
	{"Grade.name", "R", 0},
	{"access_token", "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiIwMGY2In0.c2lnbmVk", 0},
	{"action", "show.cancel", 0},
	{"actor", "00f6c1de-3c0b-4a5e-8d0e-0d5f3c1b2a00", 0},
	{"address", "1 Eulji-ro, Jung-gu, Seoul", 0},
	{"agent", "Firefox on Linux", 0},
	{"amount", NULL, 70000},
	{"at", "2026-11-20T09:58:00Z", 0},
	{"as_of", "7-12345-678901", 0},
	{"balance", NULL, 360000},
	{"balance_after", NULL, 360000},
	{"capacity", NULL, 600},
	{"code", "R", 0},
	{"changed", NULL, 12},
	{"count", NULL, 2},
	{"created_at", "2026-11-20T09:57:00Z", 0},
	{"currency", "KRW", 0},
	{"cursor", "MTc5NTI1NTgwMC4xNw", 0},
	{"description", "A play in five acts.", 0},
	{"email", "ann@example.org", 0},
	{"event_id", NULL, 17},
	{"event_title", "Hamlet", 0},
	{"every_s", NULL, 600},
	{"expires_in", NULL, 300},
	{"expires_at", "2026-11-20T10:02:00Z", 0},
	{"ends_at", "2026-11-21T12:30:00Z", 0},
	{"field", "seats[2]", 0},
	{"grade", "R", 0},
	{"hall_id", NULL, 5},
	{"hold_id", "5b0c9a52-77b1-4d6f-9a53-2f6f0d6f1c01", 0},
	{"hold_seconds", NULL, 300},
	{"holder", "Ann Lee", 0},
	{"id", "0b7f4e0e-6f0e-4c5b-b0de-7f1d2c3b4a02", 17},
	{"kind", "play", 0},
	{"label", "A-13", 0},
	{"layout_id", NULL, 9},
	{"limit", NULL, 4},
	{"max_seats_per_user", NULL, 4},
	{"message", "must not be there twice", 0},
	{"name", "Ann Lee", 0},
	{"next_cursor", "MTc5NTI1NTgwMC4xNw", 0},
	{"no", NULL, 12},
	{"object", "show 17", 0},
	{"order_id", "9d3a1b7c-12fe-4b8a-8f5d-6e7c8d9e0f03", 0},
	{"password", "correct horse battery", 0},
	{"phone", "+821012345678", 0},
	{"price", NULL, 70000},
	{"reason", "Kept for the press.", 0},
	{"refresh_token", "3Q9vYpWZ1mRkS0dXb7TnLg", 0},
	{"region", "Seoul", 0},
	{"row", "A", 0},
	{"running_minutes", NULL, 150},
	{"sales_close_at", "2026-11-21T10:00:00Z", 0},
	{"sales_open_at", "2026-11-01T01:00:00Z", 0},
	{"seat", NULL, 12},
	{"seats_left", NULL, 412},
	{"section", "Stalls", 0},
	{"show_id", NULL, 17},
	{"starts_at", "2026-11-21T10:00:00Z", 0},
	{"states", "AAQA", 0},
	{"time_zone", "Asia/Seoul", 0},
	{"title", "Hamlet", 0},
	{"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736", 0},
	{"venue_id", NULL, 3},
};

static const struct {
	const char *format, *text;
} formats[] = {
	{"date", "2026-11-21"},
	{"date-time", "2026-11-21T10:00:00Z"},
	{"email", "ann@example.org"},
	{"uuid", "0b7f4e0e-6f0e-4c5b-b0de-7f1d2c3b4a02"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct example {
	struct jout *out;
	const struct jval *schemas;
	const char *owner; /* the named schema that the member belongs to */
};

static void
put_value(struct example *example, const struct jval *schema, const char *name);

/* --- values of a document, as they are --- */

static void
copy(struct jout *out, const struct jval *value)
{
	const struct jval *member;
	size_t cursor = 0;
	const char *key;

	if (jin_is_object(value)) {
		jout_object(out);
		while (jin_object_next(value, &cursor, &key, &member)) {
			jout_key(out, key);
			copy(out, member);
		}
		jout_end(out);
	} else if (jin_is_array(value)) {
		jout_array(out);
		for (size_t i = 0; i < jin_array_length(value); i++)
			copy(out, jin_array_at(value, i));
		jout_end(out);
	} else if (jin_is_text(value)) {
		jout_text(out, jin_text(value));
	} else if (jin_is_bool(value)) {
		jout_bool(out, jin_bool(value));
	} else if (jin_is_i64(value)) {
		jout_i64(out, jin_i64(value));
	} else {
		jout_null(out);
	}
}

/* --- scalars --- */

/* Position in the table: of "Owner.member", else of the member alone, else behind the table. */
static size_t
find(const struct example *example, const char *name, bool is_text)
{
	const size_t len = strlen(example->owner);
	size_t found = COUNT(values);

	for (size_t i = 0; i < COUNT(values); i++) {
		const char *key = values[i].name;

		if (is_text != (values[i].text != NULL) && (is_text || values[i].number == 0))
			continue;
		if (strncmp(key, example->owner, len) == 0 && key[len] == '.' &&
		    strcmp(key + len + 1, name) == 0)
			return i;
		if (strcmp(key, name) == 0)
			found = i;
	}
	return found;
}

/* The type, or the first of several. */
static const char *
type_of(const struct jval *schema)
{
	const struct jval *type = jin_get(schema, "type");

	if (type == NULL)
		return "";
	return jin_is_array(type) ? jin_text(jin_array_at(type, 0)) : jin_text(type);
}

static void
put_text(struct example *example, const struct jval *schema, const char *name)
{
	const char *format = jin_get_text(schema, "format");
	const size_t at = find(example, name, true);
	const char *text = "text";

	for (size_t i = 0; format != NULL && i < COUNT(formats); i++)
		if (strcmp(formats[i].format, format) == 0)
			text = formats[i].text;
	if (at < COUNT(values))
		text = values[at].text;
	jout_text(example->out, text);
}

/* The value of the table if it is one of the choices, else the first. */
static void
put_choice(struct example *example, const struct jval *choices, const char *name)
{
	const size_t at = find(example, name, true);
	const struct jval *choice = jin_array_at(choices, 0);

	for (size_t i = 0; at < COUNT(values) && i < jin_array_length(choices); i++) {
		const struct jval *other = jin_array_at(choices, i);

		if (jin_is_text(other) && strcmp(jin_text(other), values[at].text) == 0)
			choice = other;
	}
	copy(example->out, choice);
}

static void
put_number(struct example *example, const struct jval *schema, const char *name)
{
	const int64_t min = jin_get_i64_or(schema, "minimum", 0);
	const int64_t max = jin_get_i64_or(schema, "maximum", INT64_MAX);
	const size_t at = find(example, name, false);
	int64_t number = min < 1 && max >= 1 ? 1 : min;

	if (at < COUNT(values) && values[at].number >= min && values[at].number <= max)
		number = values[at].number;
	jout_i64(example->out, number);
}

/* --- members and elements --- */

static bool
is_named(const struct jval *names, const char *name)
{
	for (size_t i = 0; names != NULL && i < jin_array_length(names); i++)
		if (strcmp(jin_text(jin_array_at(names, i)), name) == 0)
			return true;
	return false;
}

/* Required members, and those of the first choice. Where none is, as in a change: all. */
static bool
is_shown(const struct jval *schema, const char *name)
{
	const struct jval *required = jin_get(schema, "required");
	const struct jval *choices = jin_get(schema, "oneOf");
	const bool has_required = required != NULL && jin_array_length(required) > 0;

	if (is_named(required, name))
		return true;
	if (choices == NULL)
		return !has_required;
	return is_named(jin_get(jin_array_at(choices, 0), "required"), name);
}

static void
put_object(struct example *example, const struct jval *schema)
{
	const struct jval *members = jin_get(schema, "properties"), *member;
	const struct jval *others = jin_get(schema, "additionalProperties");
	const char *const owner = example->owner;
	size_t cursor = 0;
	const char *key;

	jout_object(example->out);
	while (members != NULL && jin_object_next(members, &cursor, &key, &member)) {
		if (!is_shown(schema, key))
			continue;
		jout_key(example->out, key);
		put_value(example, member, key);
		example->owner = owner;
	}
	/* A map: one member, such as the price of a grade. */
	if (others != NULL && jin_is_object(others)) {
		jout_key(example->out, "R");
		put_value(example, others, "price");
	}
	jout_end(example->out);
}

static void
put_array(struct example *example, const struct jval *schema, const char *name)
{
	jout_array(example->out);
	put_value(example, jin_get(schema, "items"), strcmp(name, "seats") == 0 ? "no" : name);
	jout_end(example->out);
}

/* The schema that a reference leads to. */
static const struct jval *
resolved(struct example *example, const struct jval *schema)
{
	const char *ref;

	while ((ref = jin_get_text(schema, "$ref")) != NULL) {
		example->owner = strrchr(ref, '/') + 1;
		schema = jin_get(example->schemas, example->owner);
		assert(schema != NULL);
	}
	return schema;
}

static void
put_value(struct example *example, const struct jval *schema, const char *name)
{
	const struct jval *forms;
	const char *type;

	schema = resolved(example, schema);
	type = type_of(schema);
	forms = jin_get(schema, "oneOf") != NULL ? jin_get(schema, "oneOf")
						 : jin_get(schema, "anyOf");
	if (jin_get(schema, "const") != NULL)
		copy(example->out, jin_get(schema, "const"));
	else if (jin_get(schema, "examples") != NULL)
		copy(example->out, jin_array_at(jin_get(schema, "examples"), 0));
	else if (jin_get(schema, "enum") != NULL)
		put_choice(example, jin_get(schema, "enum"), name);
	/* An object may have oneOf to say which members exclude each other. */
	else if (forms != NULL && strcmp(type, "object") != 0)
		put_value(example, jin_array_at(forms, 0), name);
	else if (strcmp(type, "object") == 0)
		put_object(example, schema);
	else if (strcmp(type, "array") == 0)
		put_array(example, schema, name);
	else if (strcmp(type, "string") == 0)
		put_text(example, schema, name);
	else if (strcmp(type, "integer") == 0)
		put_number(example, schema, name);
	else if (strcmp(type, "boolean") == 0)
		jout_bool(example->out, true);
	else
		jout_null(example->out);
}

void
openapi_example(struct jout *out, const struct jval *schemas, const char *name)
{
	struct example example = {.out = out, .schemas = schemas, .owner = name};

	put_value(&example, jin_get(schemas, name), "");
}
