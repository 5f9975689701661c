/* The writer keeps only the kind of each open level, which commas and asserts need. */
#include "config.h"

#include "json/jout.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/uuid.h"

void
jout_init(struct jout *out, struct buf *buf)
{
	memset(out, 0, sizeof *out);
	out->buf = buf;
	out->is_first[0] = true;
}

/* Called before each value: writes the comma of an array, or checks that a key came before. */
static void
begin_value(struct jout *out)
{
	if (out->depth > 0 && out->kinds[out->depth] == '{') {
		assert(out->has_key);
		out->has_key = false;
		return;
	}
	assert(out->depth > 0 || out->is_first[0]);
	if (!out->is_first[out->depth])
		buf_putc(out->buf, ',');
	out->is_first[out->depth] = false;
}

static void
open_level(struct jout *out, char kind)
{
	begin_value(out);
	assert(out->depth < JOUT_DEPTH_MAX);
	out->depth++;
	out->kinds[out->depth] = kind;
	out->is_first[out->depth] = true;
	buf_putc(out->buf, kind);
}

void
jout_object(struct jout *out)
{
	open_level(out, '{');
}

void
jout_array(struct jout *out)
{
	open_level(out, '[');
}

void
jout_end(struct jout *out)
{
	assert(out->depth > 0 && !out->has_key);
	buf_putc(out->buf, out->kinds[out->depth] == '{' ? '}' : ']');
	out->depth--;
}

/* Runs of plain characters are written at once. */
static void
put_string(struct buf *buf, const char *text, size_t len)
{
	static const char escapes[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
	size_t start = 0;

	buf_putc(buf, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		char escape[2] = {'\\', (char)c};

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(buf, text + start, i - start);
		start = i + 1;
		if (c < 0x20 && !escapes[c]) {
			buf_printf(buf, "\\u%04x", c);
			continue;
		}
		if (c < 0x20)
			escape[1] = escapes[c];
		buf_put(buf, escape, sizeof escape);
	}
	buf_put(buf, text + start, len - start);
	buf_putc(buf, '"');
}

void
jout_key(struct jout *out, const char *key)
{
	assert(out->depth > 0 && out->kinds[out->depth] == '{' && !out->has_key);
	if (!out->is_first[out->depth])
		buf_putc(out->buf, ',');
	out->is_first[out->depth] = false;
	put_string(out->buf, key, strlen(key));
	buf_putc(out->buf, ':');
	out->has_key = true;
}

void
jout_text(struct jout *out, const char *text)
{
	if (text)
		jout_text_len(out, text, strlen(text));
	else
		jout_null(out);
}

void
jout_text_len(struct jout *out, const char *text, size_t len)
{
	begin_value(out);
	put_string(out->buf, text, len);
}

void
jout_i64(struct jout *out, int64_t number)
{
	begin_value(out);
	buf_put_i64(out->buf, number);
}

void
jout_bool(struct jout *out, bool value)
{
	begin_value(out);
	buf_puts(out->buf, value ? "true" : "false");
}

void
jout_null(struct jout *out)
{
	begin_value(out);
	buf_puts(out->buf, "null");
}

void
jout_time(struct jout *out, int64_t unix_s)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format(unix_s, text);
	jout_text(out, text);
}

void
jout_uuid(struct jout *out, const struct uuid *uuid)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(uuid, text);
	jout_text(out, text);
}

void
jout_raw(struct jout *out, const char *json, size_t len)
{
	begin_value(out);
	buf_put(out->buf, json, len);
}

void
jout_key_text(struct jout *out, const char *key, const char *text)
{
	jout_key(out, key);
	jout_text(out, text);
}

void
jout_key_i64(struct jout *out, const char *key, int64_t number)
{
	jout_key(out, key);
	jout_i64(out, number);
}

void
jout_key_bool(struct jout *out, const char *key, bool value)
{
	jout_key(out, key);
	jout_bool(out, value);
}

void
jout_key_null(struct jout *out, const char *key)
{
	jout_key(out, key);
	jout_null(out);
}

void
jout_key_time(struct jout *out, const char *key, int64_t unix_s)
{
	jout_key(out, key);
	jout_time(out, unix_s);
}

void
jout_key_uuid(struct jout *out, const char *key, const struct uuid *uuid)
{
	jout_key(out, key);
	jout_uuid(out, uuid);
}

void
jout_key_raw(struct jout *out, const char *key, const char *json)
{
	jout_key(out, key);
	jout_raw(out, json, strlen(json));
}
