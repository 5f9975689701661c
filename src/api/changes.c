/* What staff change of events and shows: the fields of their creation, those that are given. */
#include "config.h"

#include <stddef.h>

#include "api/handlers.h"
#include "core/listing/catalog.h"
#include "core/core.h"
#include "core/saga/show_change.h"
#include "web/request.h"
#include "web/response.h"

#define EVENT(member) offsetof(struct catalog_event_change, member)
#define SHOW(member) offsetof(struct show_change, member)

static const struct jin_field event_fields[] = {
	{.name = "title",
	 .type = JIN_TEXT,
	 .offset = EVENT(event.title),
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = EVENT(event.kind),
	 .values = catalog_kinds,
	 .doc = "what it is"},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = EVENT(event.rating),
	 .given_offset = EVENT(has_rating),
	 .is_nullable = true,
	 .values = catalog_ratings,
	 .doc = "least age; null: not rated"},
	{.name = "running_minutes",
	 .type = JIN_I64,
	 .offset = EVENT(event.running_minutes),
	 .min = 1,
	 .max = 1440,
	 .doc = "of shows that are made or moved from now on"},
	{.name = "description",
	 .type = JIN_TEXT,
	 .offset = EVENT(event.description),
	 .given_offset = EVENT(has_description),
	 .is_nullable = true,
	 .max = 10000,
	 .doc = "free text; null: none"},
	{.name = NULL},
};

static const struct jin_field show_fields[] = {
	{.name = "event_id",
	 .type = JIN_I64,
	 .offset = SHOW(event_id),
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "as it is: it cannot be changed"},
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = SHOW(hall_id),
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "as it is: it cannot be changed"},
	{.name = "layout_id",
	 .type = JIN_I64,
	 .offset = SHOW(layout_id),
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "as it is: it cannot be changed"},
	{.name = "currency",
	 .type = JIN_TEXT,
	 .offset = SHOW(currency),
	 .min = 3,
	 .max = 3,
	 .doc = "as it is: it cannot be changed"},
	{.name = "starts_at",
	 .type = JIN_TIME,
	 .offset = SHOW(starts_at),
	 .given_offset = SHOW(has_starts_at),
	 .doc = "not in the past; it ends after the running time that its event has now"},
	{.name = "sales_open_at",
	 .type = JIN_TIME,
	 .offset = SHOW(sales_open_at),
	 .given_offset = SHOW(has_sales_open_at),
	 .doc = "may be in the past"},
	{.name = "sales_close_at",
	 .type = JIN_TIME,
	 .offset = SHOW(sales_close_at),
	 .given_offset = SHOW(has_sales_close_at),
	 .doc = "not after the end; absent: as it is, or the new start when it was the old"},
	{.name = "prices",
	 .type = JIN_I64_MAP,
	 .offset = SHOW(prices),
	 .min = 1,
	 .max = 1000000000,
	 .count_max = 100,
	 .doc = "of one seat by grade, for exactly the grades of the show"},
	{.name = "max_seats_per_user",
	 .type = JIN_I64,
	 .offset = SHOW(max_seats_per_user),
	 .min = 1,
	 .max = 100,
	 .doc = "seats one buyer may hold and have bought; who has more keeps them"},
	{.name = "hold_seconds",
	 .type = JIN_I64,
	 .offset = SHOW(hold_seconds),
	 .min = 1,
	 .max = 3600,
	 .doc = "life of the holds that are taken from now on"},
	{.name = "rerelease",
	 .type = JIN_VALUE,
	 .offset = SHOW(rerelease),
	 .doc = "schedule by which freed seats come back from now on"},
	{.name = NULL},
};

const struct jin_shape change_event_shape = {.name = "EventChangeRequest", .fields = event_fields};
const struct jin_shape change_show_shape = {.name = "ShowChangeRequest", .fields = show_fields};

enum err
change_event(struct core *core, const struct request *request, struct response *response)
{
	return catalog_event_change(core, request->params[0].id, &request->user_id, request->input,
				    &response->body);
}

enum err
change_show(struct core *core, const struct request *request, struct response *response)
{
	return show_change(core, request->params[0].id, &request->user_id, request->input,
			   &response->body);
}
