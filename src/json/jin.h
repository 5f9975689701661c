/*
 * JSON in: parses strictly (RFC 8259; depth ≤ 16, valid UTF-8, nothing after the value, no NaN, no
 * comments, no raw control characters, no duplicate keys). It reads members by type without
 * coercion: 1.0 and 1e3 are not integers, "12" is not a number.
 *
 * Documents live in the arena. Paths in violations look like sections[0].rows[2].name.
 */
#ifndef JSON_JIN_H
#define JSON_JIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"
#include "words/words.h"

struct arena;
struct jval; /* a parsed value, borrowed from its document */

#define JIN_INT_MAX INT64_C(9007199254740992) /* 2^53 */

/* Parses `len` bytes. On ERR_INVALID it records the code bad_json in `failure` (may be NULL). An
 * empty text is not JSON. A key that contains NUL is JSON, but never a key of ours:
 * validation_failed. */
MUST_USE enum err
jin_parse(struct arena *arena, const char *text, size_t len, struct failure *failure,
	  const struct jval **value_r);

/* Parses a document that our own SQL made, up to its NUL. It does not scan for what the library
 * lets through, and does not count keys. NULL when the text is no JSON. */
const struct jval *
jin_parse_own(struct arena *arena, const char *text);

/* --- reading trusted documents (results of functions): a missing or wrong member asserts --- */

/* Member of an object, NULL when absent or null. */
const struct jval *
jin_get(const struct jval *object, const char *key);
const char *
jin_get_text(const struct jval *object, const char *key); /* NULL when absent or null */
int64_t
jin_get_i64(const struct jval *object, const char *key);
int64_t
jin_get_i64_or(const struct jval *object, const char *key, int64_t otherwise);
bool
jin_get_bool(const struct jval *object, const char *key);
size_t
jin_array_length(const struct jval *array);
const struct jval *
jin_array_at(const struct jval *array, size_t index);
int64_t
jin_i64(const struct jval *value);
bool
jin_bool(const struct jval *value);
const char *
jin_text(const struct jval *value);
/* Bytes of a text, which may contain NUL unless it came through a shape. */
size_t
jin_text_length(const struct jval *value);
/* Members of an object in order: returns false after the last. Start with *cursor = 0. */
bool
jin_object_next(const struct jval *object, size_t *cursor, const char **key_r,
		const struct jval **value_r);
bool
jin_is_object(const struct jval *value);
bool
jin_is_array(const struct jval *value);
bool
jin_is_text(const struct jval *value);
bool
jin_is_bool(const struct jval *value);
/* The value null, as an element, a member of jin_object_next() or a whole text. */
bool
jin_is_null(const struct jval *value);
/* A whole number within ±2^53, written without fraction or exponent. */
bool
jin_is_i64(const struct jval *value);

/* --- shapes: what a request body or a query must look like, as a table; also becomes its OpenAPI
 * schema --- */

enum jin_type {
	JIN_TEXT,    /* const char *; min–max in code points, in the form of `words`; no NUL */
	JIN_I64,     /* int64_t; min–max */
	JIN_BOOL,    /* bool */
	JIN_UUID,    /* struct uuid */
	JIN_TIME,    /* int64_t Unix seconds; RFC 3339 */
	JIN_DATE,    /* const char *: an existing day such as 2026-11-21 */
	JIN_ENUM,    /* const char *, one of `values` */
	JIN_CURSOR,  /* const char *: where a list continues; only the list can check it */
	JIN_I64_SET, /* struct jin_i64s: 1 … count_max, each min–max, ascending, no duplicates */
	JIN_I64_MAP, /* struct jin_map: 1 … count_max integers min–max by name */
	JIN_OBJECT,  /* the struct of `shape` */
	JIN_OBJECTS, /* struct jin_objects: 1 … count_max structs of `shape` */
	JIN_TYPE_MAX
};

struct jin_i64s {
	const int64_t *items;
	const size_t *places; /* index of each in the document, for violations */
	size_t count;
};

struct jin_map {
	const char *const *names; /* each a line (words/), without duplicates */
	const int64_t *numbers;
	size_t count;
};

/* Position of the name; `map->count` when it is not there. */
size_t
jin_map_find(const struct jin_map *map, const char *name);

struct jin_objects {
	const void *items; /* an array of the shape's struct */
	size_t count;
};

struct jin_field {
	const char *name;
	enum jin_type type;
	size_t offset;       /* of the member in the target struct */
	size_t given_offset; /* of a bool: was the member there? 0: none */
	bool is_required;
	bool is_nullable;   /* null is allowed: absent; in a change it sets given */
	bool is_choice;     /* exactly one of the members with this is required */
	bool is_other_form; /* the member of the row above, for JSON other than an array */
	int64_t min, max;
	int64_t otherwise; /* of an int64_t: value when absent or null; 0: none */
	size_t count_max;
	bool is_count_open;            /* count_max is for OpenAPI alone: the caller judges */
	const char *const *values;     /* JIN_ENUM: NULL-terminated */
	enum words_kind words;         /* JIN_TEXT without a format: what it is for */
	const char *format;            /* JIN_TEXT: "currency", "email", "phone", "zone" or NULL */
	const struct jin_shape *shape; /* JIN_OBJECT, JIN_OBJECTS */
	const char *says;              /* text of a violation instead of the type's own */
	const char *doc;               /* one line for OpenAPI */
};

struct jin_shape {
	const char *name;               /* of the schema in OpenAPI, e.g. HoldRequest */
	const struct jin_field *fields; /* ends with a row without a name */
	size_t size;                    /* sizeof the struct that it fills */
	/* The fields describe a change: none is required, and absent means unchanged. Only a field
	 * with `given` may be null, because `given` distinguishes the two. Null is its default. */
	bool is_change;
};

bool
jin_is_required(const struct jin_shape *shape, const struct jin_field *field);
bool
jin_is_nullable(const struct jin_shape *shape, const struct jin_field *field);

/* What a JIN_TEXT is for. An e-mail address is one whatever the column says. */
enum words_kind
jin_words(const struct jin_field *field);

/* Reads `value` (must be an object) into `target` (zeroed by the caller). `failure` collects all
 * violations. Unknown members are violations. A `value` of NULL stands for {}. */
MUST_USE enum err
jin_read(struct arena *arena, const struct jval *value, const struct jin_shape *shape, void *target,
	 struct failure *failure);

/* A parameter of a query, decoded: valid UTF-8 without NUL. */
struct jin_pair {
	const char *name;
	const char *value;
};

/* Does the same for texts. Each name occurs once. The caller refuses names without a field. Only
 * JIN_I64 and the types that are texts are allowed. */
MUST_USE enum err
jin_read_query(struct arena *arena, const struct jin_pair *pairs, size_t count,
	       const struct jin_shape *shape, void *target, struct failure *failure);

#endif
