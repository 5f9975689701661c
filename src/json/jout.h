/*
 * JSON out: writes compact UTF-8 JSON into a buf. The writer places commas and escapes strings. It
 * nests up to 16 levels. Misuse (a value without a key in an object, an unbalanced end) is a bug
 * and asserts.
 *
 * struct jout out; jout_init(&out, &buf); jout_object(&out); jout_key_text(&out, "name", name);
 * jout_end(&out);
 */
#ifndef JSON_JOUT_H
#define JSON_JOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct uuid;

#define JOUT_DEPTH_MAX 16

struct jout {
	struct buf *buf;
	int depth;
	char kinds[JOUT_DEPTH_MAX + 1]; /* '{' or '[' per level */
	bool is_first[JOUT_DEPTH_MAX + 1];
	bool has_key; /* a key was written, its value is due */
};

void
jout_init(struct jout *out, struct buf *buf);

void
jout_object(struct jout *out);
void
jout_array(struct jout *out);
/* Ends the innermost object or array. */
void
jout_end(struct jout *out);

void
jout_key(struct jout *out, const char *key);

void
jout_text(struct jout *out, const char *text); /* NULL writes null */
void
jout_text_len(struct jout *out, const char *text, size_t len);
void
jout_i64(struct jout *out, int64_t number);
void
jout_bool(struct jout *out, bool value);
void
jout_null(struct jout *out);
void
jout_time(struct jout *out, int64_t unix_s); /* RFC 3339, UTC ("Z") */
void
jout_uuid(struct jout *out, const struct uuid *uuid);
/* Text that is JSON already. */
void
jout_raw(struct jout *out, const char *json, size_t len);

void
jout_key_text(struct jout *out, const char *key, const char *text);
void
jout_key_i64(struct jout *out, const char *key, int64_t number);
void
jout_key_bool(struct jout *out, const char *key, bool value);
void
jout_key_null(struct jout *out, const char *key);
void
jout_key_time(struct jout *out, const char *key, int64_t unix_s);
void
jout_key_uuid(struct jout *out, const char *key, const struct uuid *uuid);
void
jout_key_raw(struct jout *out, const char *key, const char *json);

#endif
