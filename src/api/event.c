/* Events: browsed by the public, entered and changed by staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>
#include <string.h>

#include "api/list.h"
#include "core/core.h"
#include "core/directory/event.h"
#include "core/listing/catalog.h"
#include "web/request.h"
#include "web/response.h"

#define EVENT(member) offsetof(struct event_entry, member)

static const struct jin_field fields[] = {
	{.name = "title",
	 .type = JIN_TEXT,
	 .offset = EVENT(title),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "Title shown to the public."},
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = EVENT(kind),
	 .is_required = true,
	 .values = event_kinds,
	 .doc = "Kind of event."},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = EVENT(rating),
	 .given_offset = EVENT(has_rating),
	 .is_nullable = true,
	 .values = event_ratings,
	 .doc = "Least age of visitors. Null: the event is not rated."},
	{.name = "running_minutes",
	 .type = JIN_I64,
	 .offset = EVENT(running_minutes),
	 .is_required = true,
	 .min = 1,
	 .max = 1440,
	 .doc = "Running time. A show that is entered or moved later ends this long after its "
		"start."},
	{.name = "description",
	 .type = JIN_TEXT,
	 .offset = EVENT(description),
	 .given_offset = EVENT(has_description),
	 .is_nullable = true,
	 .max = 10000,
	 .words = WORDS_LINES,
	 .doc = "Free text. Null: no description."},
	{.name = NULL},
};

const struct jin_shape api_event_create_shape = {
	.name = "EventRequest", .fields = fields, .size = sizeof(struct event_entry)};
const struct jin_shape api_event_change_shape = {.name = "EventChangeRequest",
						 .fields = fields,
						 .size = sizeof(struct event_entry),
						 .is_change = true};

struct list_query {
	struct catalog_filter filter;
	struct list_page page;
};

#define FILTER(member) offsetof(struct list_query, filter.member)

static const struct jin_field list_fields[] = {
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = FILTER(kind),
	 .values = event_kinds,
	 .doc = "Only events of this kind."},
	{.name = "q",
	 .type = JIN_TEXT,
	 .offset = FILTER(q),
	 .min = 1,
	 .max = 100,
	 .doc = "Only events with this text in the title."},
	{.name = "region",
	 .type = JIN_TEXT,
	 .offset = FILTER(region),
	 .min = 1,
	 .max = 64,
	 .doc = "Only events at venues of this region. Venue, times and seats left of a row are "
		"those of its shows there."},
	{.name = "from",
	 .type = JIN_DATE,
	 .offset = FILTER(from),
	 .doc = "Only events with a show on this day or later."},
	{.name = "to",
	 .type = JIN_DATE,
	 .offset = FILTER(to),
	 .doc = "Only events with a show on this day or earlier."},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = FILTER(rating),
	 .values = event_ratings,
	 .doc = "Only events with this rating."},
	LIST_FIELDS(offsetof(struct list_query, page)),
	{.name = NULL},
};

struct dates_query {
	const char *from;
	const char *to;
};

static const struct jin_field dates_fields[] = {
	{.name = "from",
	 .type = JIN_DATE,
	 .offset = offsetof(struct dates_query, from),
	 .doc = "First day. Today unless given."},
	{.name = "to",
	 .type = JIN_DATE,
	 .offset = offsetof(struct dates_query, to),
	 .doc = "Last day. Unless given, the list covers 92 days."},
	{.name = NULL},
};

const struct jin_shape api_event_list_query = {
	.name = "EventListQuery", .fields = list_fields, .size = sizeof(struct list_query)};
const struct jin_shape api_event_dates_query = {
	.name = "DatesQuery", .fields = dates_fields, .size = sizeof(struct dates_query)};

/* Both days have the same form, so they compare as texts. */
static enum err
check_days(struct core *core, const char *from, const char *to)
{
	if (from != NULL && to != NULL && strcmp(from, to) > 0)
		return fail_field(core->failure, "to", "must not be before from");
	return ERR_OK;
}

enum err
api_event_list(struct core *core, const struct request *request, struct response *response)
{
	const struct list_query *query = request->query;
	struct list list = {.limit = 0};
	enum err err = check_days(core, query->filter.from, query->filter.to);

	if (err == ERR_OK)
		err = list_read(core, LIST_EVENTS, &query->page, &list);
	if (err != ERR_OK)
		return err;
	return catalog_events(core, &query->filter, &list, &response->body);
}

enum err
api_event_read(struct core *core, const struct request *request, struct response *response)
{
	return catalog_event(core, request->params[0].id, &response->body);
}

enum err
api_event_dates(struct core *core, const struct request *request, struct response *response)
{
	const struct dates_query *query = request->query;
	enum err err = check_days(core, query->from, query->to);

	if (err != ERR_OK)
		return err;
	return catalog_dates(core, request->params[0].id, query->from, query->to, &response->body);
}

enum err
api_event_create(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	response->status = 201;
	return event_create(core, &key, request->input, &response->is_replay, &response->body);
}

enum err
api_event_change(struct core *core, const struct request *request, struct response *response)
{
	return event_change(core, request->params[0].id, &request->user_id, request->input,
			    &response->body);
}
