/* What staff enter. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/listing/catalog.h"
#include "core/core.h"
#include "core/directory/layout.h"
#include "core/saga/show_create.h"
#include "web/request.h"
#include "web/response.h"

#define MAX_SEATS_DEFAULT 4
#define HOLD_SECONDS_DEFAULT 300

static const struct jin_field venue_fields[] = {
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_venue, name),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = "region",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_venue, region),
	 .is_required = true,
	 .min = 1,
	 .max = 64,
	 .doc = "city or province that lists filter by"},
	{.name = "address",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_venue, address),
	 .is_nullable = true,
	 .max = 500,
	 .doc = "postal address, free form"},
	{.name = "time_zone",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_venue, time_zone),
	 .is_nullable = true,
	 .min = 1,
	 .max = 64,
	 .doc = "IANA zone in which its days are counted; Asia/Seoul unless given"},
	{.name = NULL},
};

static const struct jin_field hall_fields[] = {
	{.name = "venue_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct admin_hall_input, venue_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "where it is"},
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct admin_hall_input, name),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = NULL},
};

static const struct jin_field layout_fields[] = {
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct admin_layout_input, hall_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "whose seats"},
	{.name = "sections",
	 .type = JIN_VALUE,
	 .offset = offsetof(struct admin_layout_input, sections),
	 .is_required = true,
	 .doc = "in the order of numbering, each with its rows or in short form"},
	{.name = NULL},
};

static const struct jin_field event_fields[] = {
	{.name = "title",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_event, title),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "as shown to the public"},
	{.name = "kind",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct catalog_event, kind),
	 .is_required = true,
	 .values = catalog_kinds,
	 .doc = "what it is"},
	{.name = "rating",
	 .type = JIN_ENUM,
	 .offset = offsetof(struct catalog_event, rating),
	 .is_nullable = true,
	 .values = catalog_ratings,
	 .doc = "least age; null: not rated"},
	{.name = "running_minutes",
	 .type = JIN_I64,
	 .offset = offsetof(struct catalog_event, running_minutes),
	 .is_required = true,
	 .min = 1,
	 .max = 1440,
	 .doc = "a show ends so long after its start"},
	{.name = "description",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct catalog_event, description),
	 .is_nullable = true,
	 .max = 10000,
	 .doc = "free text"},
	{.name = NULL},
};

static const struct jin_field show_fields[] = {
	{.name = "event_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct show_new, event_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "event performed"},
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct show_new, hall_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "where"},
	{.name = "layout_id",
	 .type = JIN_I64,
	 .offset = offsetof(struct show_new, layout_id),
	 .is_nullable = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "a layout of that hall; its newest unless given"},
	{.name = "starts_at",
	 .type = JIN_TIME,
	 .offset = offsetof(struct show_new, starts_at),
	 .is_required = true,
	 .doc = "not in the past; it ends after the event's running time"},
	{.name = "sales_open_at",
	 .type = JIN_TIME,
	 .offset = offsetof(struct show_new, sales_open_at),
	 .is_required = true,
	 .doc = "may be in the past"},
	{.name = "sales_close_at",
	 .type = JIN_TIME,
	 .offset = offsetof(struct show_new, sales_close_at),
	 .given_offset = offsetof(struct show_new, has_sales_close_at),
	 .doc = "starts_at unless given; not after the end"},
	{.name = "currency",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct show_new, currency),
	 .is_required = true,
	 .min = 3,
	 .max = 3,
	 .doc = "ISO 4217"},
	{.name = "prices",
	 .type = JIN_I64_MAP,
	 .offset = offsetof(struct show_new, prices),
	 .is_required = true,
	 .min = 1,
	 .max = 1000000000,
	 .count_max = 100,
	 .doc = "of one seat by grade, for exactly the grades of the layout"},
	{.name = "max_seats_per_user",
	 .type = JIN_I64,
	 .offset = offsetof(struct show_new, max_seats_per_user),
	 .is_nullable = true,
	 .min = 1,
	 .max = 100,
	 .doc = "seats one buyer may hold and have bought; 4 unless given"},
	{.name = "hold_seconds",
	 .type = JIN_I64,
	 .offset = offsetof(struct show_new, hold_seconds),
	 .is_nullable = true,
	 .min = 1,
	 .max = 3600,
	 .doc = "life of a hold; 300 unless given"},
	{.name = "rerelease",
	 .type = JIN_VALUE,
	 .offset = offsetof(struct show_new, rerelease),
	 .is_nullable = true,
	 .doc = "schedule by which freed seats come back; at once unless given"},
	{.name = NULL},
};

const struct jin_shape admin_venue_shape = {.name = "VenueRequest", .fields = venue_fields};
const struct jin_shape admin_hall_shape = {.name = "HallRequest", .fields = hall_fields};
const struct jin_shape admin_layout_shape = {.name = "LayoutRequest", .fields = layout_fields};
const struct jin_shape admin_event_shape = {.name = "EventRequest", .fields = event_fields};
const struct jin_shape admin_show_shape = {.name = "ShowRequest", .fields = show_fields};

enum err
admin_venue(struct core *core, const struct request *request, struct response *response)
{
	response->status = 201;
	return catalog_venue_create(core, &request->user_id, request->input, &response->body);
}

enum err
admin_hall(struct core *core, const struct request *request, struct response *response)
{
	const struct admin_hall_input *input = request->input;

	response->status = 201;
	return catalog_hall_create(core, &request->user_id, input->venue_id, input->name,
				   &response->body);
}

enum err
admin_layout(struct core *core, const struct request *request, struct response *response)
{
	const struct admin_layout_input *input = request->input;

	response->status = 201;
	return layout_create(core, &request->user_id, input->hall_id, input->sections,
			     &response->body);
}

enum err
admin_event(struct core *core, const struct request *request, struct response *response)
{
	response->status = 201;
	return catalog_event_create(core, &request->user_id, request->input, &response->body);
}

enum err
admin_show(struct core *core, const struct request *request, struct response *response)
{
	struct show_new show = *(const struct show_new *)request->input;

	if (show.max_seats_per_user == 0)
		show.max_seats_per_user = MAX_SEATS_DEFAULT;
	if (show.hold_seconds == 0)
		show.hold_seconds = HOLD_SECONDS_DEFAULT;
	response->status = 201;
	return show_create(core, &request->user_id, &show, &response->body);
}
