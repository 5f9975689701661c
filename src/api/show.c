/* Shows: browsed by the public; entered, changed and cancelled by staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/list.h"
#include "core/core.h"
#include "core/listing/catalog.h"
#include "core/saga/show_change.h"
#include "core/saga/show_create.h"
#include "core/show/show.h"
#include "web/request.h"
#include "web/response.h"

#define SHOW(member) offsetof(struct show_entry, member)

static const struct jin_field fields[] = {
	{.name = "event_id",
	 .type = JIN_I64,
	 .offset = SHOW(event_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "Event that is performed. It cannot be changed."},
	{.name = "hall_id",
	 .type = JIN_I64,
	 .offset = SHOW(hall_id),
	 .is_required = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "Hall of the show. It cannot be changed."},
	{.name = "layout_id",
	 .type = JIN_I64,
	 .offset = SHOW(layout_id),
	 .is_nullable = true,
	 .min = 1,
	 .max = INT32_MAX,
	 .doc = "Layout of that hall, the newest unless given. It cannot be changed."},
	{.name = "starts_at",
	 .type = JIN_TIME,
	 .offset = SHOW(starts_at),
	 .given_offset = SHOW(has_starts_at),
	 .is_required = true,
	 .doc = "Start, not in the past. The show ends after the running time that its event has "
		"now."},
	{.name = "sales_open_at",
	 .type = JIN_TIME,
	 .offset = SHOW(sales_open_at),
	 .given_offset = SHOW(has_sales_open_at),
	 .is_required = true,
	 .doc = "Opening of sales. It may be in the past."},
	{.name = "sales_close_at",
	 .type = JIN_TIME,
	 .offset = SHOW(sales_close_at),
	 .given_offset = SHOW(has_sales_close_at),
	 .is_nullable = true,
	 .otherwise = SHOW_CLOSES_AT_START,
	 .doc = "Close of sales, not after the end. Unless given, or null, it is starts_at and "
		"moves along with it."},
	{.name = "currency",
	 .type = JIN_TEXT,
	 .offset = SHOW(currency),
	 .is_required = true,
	 .min = 3,
	 .max = 3,
	 .format = "currency",
	 .doc = "ISO 4217 currency. It cannot be changed."},
	{.name = "prices",
	 .type = JIN_I64_MAP,
	 .offset = SHOW(prices),
	 .is_required = true,
	 .min = 1,
	 .max = 1000000000,
	 .count_max = 100,
	 .doc = "Price of one seat by grade, for exactly the grades of the layout."},
	{.name = "max_seats_per_user",
	 .type = JIN_I64,
	 .offset = SHOW(max_seats_per_user),
	 .given_offset = SHOW(has_max_seats_per_user),
	 .is_nullable = true,
	 .min = 1,
	 .max = 100,
	 .otherwise = SHOW_MAX_SEATS_PER_USER_DEFAULT,
	 .doc = "Most seats that one buyer may hold and have bought. A buyer who already has more "
		"keeps them."},
	{.name = "hold_seconds",
	 .type = JIN_I64,
	 .offset = SHOW(hold_seconds),
	 .given_offset = SHOW(has_hold_seconds),
	 .is_nullable = true,
	 .min = 1,
	 .max = 3600,
	 .otherwise = SHOW_HOLD_SECONDS_DEFAULT,
	 .doc = "Life of the holds that are taken from now on."},
	{.name = "rerelease",
	 .type = JIN_OBJECT,
	 .offset = SHOW(rerelease),
	 .given_offset = SHOW(has_rerelease),
	 .is_nullable = true,
	 .shape = &rerelease_shape,
	 .doc = "Schedule on which seats freed from now on return to sale; until then they are "
		"blocked. At once unless given; null in a change takes it off, and the seats come "
		"back."},
	{.name = NULL},
};

struct cancel_input {
	const char *reason; /* NULL: none given */
};

static const struct jin_field cancel_fields[] = {
	{.name = "reason",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct cancel_input, reason),
	 .is_nullable = true,
	 .min = 1,
	 .max = 500,
	 .doc = "Reason for the audit trail."},
	{.name = NULL},
};

struct list_query {
	const char *date; /* NULL: any */
	struct list_page page;
};

static const struct jin_field list_fields[] = {
	{.name = "date",
	 .type = JIN_DATE,
	 .offset = offsetof(struct list_query, date),
	 .doc = "Only shows on this day at the venue."},
	LIST_FIELDS(offsetof(struct list_query, page)),
	{.name = NULL},
};

const struct jin_shape api_show_list_query = {
	.name = "ShowListQuery", .fields = list_fields, .size = sizeof(struct list_query)};
const struct jin_shape api_show_create_shape = {
	.name = "ShowRequest", .fields = fields, .size = sizeof(struct show_entry)};
const struct jin_shape api_show_change_shape = {.name = "ShowChangeRequest",
						.fields = fields,
						.size = sizeof(struct show_entry),
						.is_change = true};
const struct jin_shape api_show_cancel_shape = {
	.name = "ShowCancelRequest", .fields = cancel_fields, .size = sizeof(struct cancel_input)};

enum err
api_show_list(struct core *core, const struct request *request, struct response *response)
{
	const struct list_query *query = request->query;
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_SHOWS, &query->page, &list);

	if (err != ERR_OK)
		return err;
	return catalog_shows(core, request->params[0].id, query->date, &list, &response->body);
}

enum err
api_show_read(struct core *core, const struct request *request, struct response *response)
{
	return catalog_show(core, request->params[0].id, &response->body);
}

enum err
api_show_create(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	response->status = 201;
	return show_create(core, &key, request->input, &response->is_replay, &response->status,
			   &response->body);
}

enum err
api_show_change(struct core *core, const struct request *request, struct response *response)
{
	return show_change(core, request->params[0].id, &request->user_id, request->input,
			   &response->body);
}

enum err
api_show_cancel(struct core *core, const struct request *request, struct response *response)
{
	const struct cancel_input *input = request->input;

	return show_cancel(core, request->params[0].id, &request->user_id, input->reason,
			   &response->body);
}
