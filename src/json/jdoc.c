#include "config.h"

#include "json/jdoc.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "json/jout.h"

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* The text after the closing quote of the string that begins here. */
static const char *
skip_string(const char *text)
{
	for (text++;; text += 2) {
		text += strcspn(text, "\"\\");
		assert(*text != '\0');
		if (*text == '"')
			return text + 1;
		assert(text[1] != '\0');
	}
}

/* The text after the object or array that begins here. */
static const char *
skip_nested(const char *text)
{
	size_t depth = 0;

	do {
		text += strcspn(text, "{}[]\"");
		assert(*text != '\0');
		if (*text == '"') {
			text = skip_string(text);
			continue;
		}
		depth = *text == '{' || *text == '[' ? depth + 1 : depth - 1;
		text++;
	} while (depth > 0);
	return text;
}

static const char *
skip_value(const char *text)
{
	if (*text == '"')
		return skip_string(text);
	if (*text == '{' || *text == '[')
		return skip_nested(text);
	return text + strcspn(text, ",]} \t\r\n");
}

const char *
jdoc_member(const char *object, const char *name, size_t *len_r)
{
	const size_t name_len = strlen(name);
	const char *text = skip_blanks(object), *key, *end;

	assert(*text == '{');
	text = skip_blanks(text + 1);
	while (*text == '"') {
		key = text + 1;
		end = skip_string(text);
		text = skip_blanks(end);
		assert(*text == ':');
		text = skip_blanks(text + 1);
		if ((size_t)(end - 1 - key) == name_len && memcmp(key, name, name_len) == 0) {
			*len_r = (size_t)(skip_value(text) - text);
			return text;
		}
		text = skip_blanks(skip_value(text));
		if (*text == ',')
			text = skip_blanks(text + 1);
	}
	assert(*text == '}');
	return NULL;
}

int64_t
jdoc_i64(const char *object, const char *name)
{
	int64_t number;
	size_t len;
	const char *text = jdoc_member(object, name, &len);

	assert(text && text_parse_i64(text, len, &number));
	return number;
}

void
jdoc_copy(struct jout *out, const char *object, const char *name)
{
	size_t len;
	const char *text = jdoc_member(object, name, &len);

	assert(text);
	jout_key(out, name);
	jout_raw(out, text, len);
}
