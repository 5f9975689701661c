/* Events: what the public browses of them, and what staff enter and change. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/input.h"
#include "core/core.h"
#include "core/directory/event.h"
#include "core/listing/catalog.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field create_fields[] = {
	{.name = "title",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct event_new, title),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct event_new, kind),
	 .is_required = true,
	 .values = event_kinds,
	 .doc = "what it is"},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct event_new, rating),
	 .is_nullable = true,
	 .values = event_ratings,
	 .doc = "least age; null: not rated"},
	{.name = "running_minutes",
	 .type = JIN_I64,
	 .offset = offsetof(struct event_new, running_minutes),
	 .is_required = true,
	 .min = 1,
	 .max = 1440,
	 .doc = "a show ends so long after its start"},
	{.name = "description",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct event_new, description),
	 .is_nullable = true,
	 .max = 10000,
	 .doc = "free text"},
	{.name = NULL},
};

#define CHANGE(member) offsetof(struct event_change, member)

static const struct jin_field change_fields[] = {
	{.name = "title",
	 .type = JIN_TEXT,
	 .offset = CHANGE(event.title),
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = CHANGE(event.kind),
	 .values = event_kinds,
	 .doc = "what it is"},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = CHANGE(event.rating),
	 .given_offset = CHANGE(has_rating),
	 .is_nullable = true,
	 .values = event_ratings,
	 .doc = "least age; null: not rated"},
	{.name = "running_minutes",
	 .type = JIN_I64,
	 .offset = CHANGE(event.running_minutes),
	 .min = 1,
	 .max = 1440,
	 .doc = "of shows that are made or moved from now on"},
	{.name = "description",
	 .type = JIN_TEXT,
	 .offset = CHANGE(event.description),
	 .given_offset = CHANGE(has_description),
	 .is_nullable = true,
	 .max = 10000,
	 .doc = "free text; null: none"},
	{.name = NULL},
};

const struct jin_shape api_event_create_shape = {
	.name = "EventRequest", .fields = create_fields, .size = sizeof(struct event_new)};
const struct jin_shape api_event_change_shape = {
	.name = "EventChangeRequest", .fields = change_fields, .size = sizeof(struct event_change)};

/* All parameters are looked at, so that every violation is reported; the first one decides. */
static enum err
first(enum err err, enum err next)
{
	return err != ERR_OK ? err : next;
}

enum err
api_event_list(struct core *core, const struct request *request, struct response *response)
{
	struct catalog_filter filter = {.kind = NULL};
	struct list list = {.limit = 0};
	enum err err;

	err = input_enum(request, "kind", event_kinds, &filter.kind);
	err = first(err, input_text(request, "q", 1, 100, &filter.q));
	err = first(err, input_text(request, "region", 1, 64, &filter.region));
	err = first(err, input_enum(request, "rating", event_ratings, &filter.rating));
	err = first(err, input_days(request, &filter.from, &filter.to));
	err = first(err, input_list(core, request, LIST_EVENTS, &list));
	if (err != ERR_OK)
		return err;
	return catalog_events(core, &filter, &list, &response->body);
}

enum err
api_event_read(struct core *core, const struct request *request, struct response *response)
{
	return catalog_event(core, request->params[0].id, &response->body);
}

enum err
api_event_dates(struct core *core, const struct request *request, struct response *response)
{
	const char *from = NULL, *to = NULL;
	enum err err = input_days(request, &from, &to);

	if (err != ERR_OK)
		return err;
	return catalog_dates(core, request->params[0].id, from, to, &response->body);
}

enum err
api_event_create(struct core *core, const struct request *request, struct response *response)
{
	response->status = 201;
	return event_create(core, &request->user_id, request->input, &response->body);
}

enum err
api_event_change(struct core *core, const struct request *request, struct response *response)
{
	return event_change(core, request->params[0].id, &request->user_id, request->input,
			    &response->body);
}
