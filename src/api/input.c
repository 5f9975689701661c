#include "config.h"

#include "api/input.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "web/request.h"

enum err
input_enum(const struct request *request, const char *name, const char *const *values,
	   const char **text_r)
{
	const char *text = request_query_text(request, name);
	const char *list = "";

	if (text == NULL)
		return ERR_OK;
	for (size_t i = 0; values[i] != NULL; i++) {
		if (strcmp(values[i], text) == 0) {
			*text_r = values[i];
			return ERR_OK;
		}
		list = arena_printf(request->arena, "%s%s%s", list, i == 0 ? "" : ", ", values[i]);
	}
	return fail_field(request->failure, name, "must be one of %s", list);
}

enum err
input_text(const struct request *request, const char *name, size_t min, size_t max,
	   const char **text_r)
{
	const char *text = request_query_text(request, name);
	size_t length;

	if (text == NULL)
		return ERR_OK;
	length = text_utf8_length(text, strlen(text));
	if (length < min || length > max)
		return fail_field(request->failure, name, "must have %zu to %zu characters", min,
				  max);
	*text_r = text;
	return ERR_OK;
}

enum err
input_date(const struct request *request, const char *name, const char **text_r)
{
	const char *text = request_query_text(request, name);
	int32_t days;

	if (text == NULL)
		return ERR_OK;
	if (!clock_parse_date(text, strlen(text), &days))
		return fail_field(request->failure, name, "must be a day such as 2026-11-21");
	*text_r = text;
	return ERR_OK;
}

/* Days of one form compare as texts. */
enum err
input_days(const struct request *request, const char **from_r, const char **to_r)
{
	enum err err = input_date(request, "from", from_r);
	enum err to_err = input_date(request, "to", to_r);

	if (err != ERR_OK || to_err != ERR_OK)
		return ERR_INVALID;
	if (*from_r != NULL && *to_r != NULL && strcmp(*from_r, *to_r) > 0)
		return fail_field(request->failure, "to", "must not be before from");
	return ERR_OK;
}

enum err
input_list(struct core *core, const struct request *request, enum list_kind kind,
	   struct list *list_r)
{
	return list_read(core, kind, request_query_text(request, "limit"),
			 request_query_text(request, "cursor"), list_r);
}
