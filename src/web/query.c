#include "config.h"

#include "web/query.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "web/request.h"
#include "web/route.h"

#define FIELD_MAX 64 /* longest name that a violation repeats */

/* NULL when the text is not well-formed. "+" is a space, as forms and URLSearchParams write it. */
static const char *
decode(struct arena *arena, const char *text, size_t len)
{
	char *decoded = arena_alloc(arena, len + 1);
	size_t out = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte == '%') {
			if (len - i < 3 || !text_unhex(text + i + 1, 2, &byte) || byte == 0)
				return NULL;
			i += 2;
		} else if (byte == '+') {
			byte = ' ';
		}
		decoded[out++] = (char)byte;
	}
	decoded[out] = '\0';
	return text_is_utf8(decoded, out) ? decoded : NULL;
}

static bool
is_known(const struct route *route, const char *name)
{
	if (route->query == NULL)
		return false;
	for (const struct jin_field *field = route->query->fields; field->name != NULL; field++)
		if (strcmp(field->name, name) == 0)
			return true;
	return false;
}

static bool
is_given(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->pair_count; i++)
		if (strcmp(request->pairs[i].name, name) == 0)
			return true;
	return false;
}

static enum err
read_one(struct request *request, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	const char *name = decode(request->arena, text, name_len);
	const char *value =
		equals == NULL ? "" : decode(request->arena, equals + 1, len - name_len - 1);

	if (name == NULL || strlen(name) > FIELD_MAX)
		return fail_field(request->failure, "query", "has a name that is none");
	/* guard: unknown */
	if (!is_known(request->route, name))
		return fail_field(request->failure, name, "is not known here");
	/* guard: twice */
	if (is_given(request, name))
		return fail_field(request->failure, name, "is given twice");
	if (value == NULL)
		return fail_field(request->failure, name, "is no percent-encoded UTF-8 text");
	if (request->pair_count == REQUEST_PAIRS_MAX)
		return fail_field(request->failure, "query", "has too many parameters");
	request->pairs[request->pair_count++] = (struct jin_pair){.name = name, .value = value};
	return ERR_OK;
}

enum err
query_read(struct request *request, const char *text)
{
	enum err result = ERR_OK;

	while (*text != '\0') {
		size_t len = strcspn(text, "&");
		enum err err = len > 0 ? read_one(request, text, len) : ERR_OK;

		if (err != ERR_OK)
			result = err;
		text += len;
		if (*text == '&')
			text++;
	}
	return result;
}
