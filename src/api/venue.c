/* Venues: entered by staff. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/directory/venue.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field create_fields[] = {
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct venue_new, name),
	 .is_required = true,
	 .min = 1,
	 .max = 200,
	 .doc = "Name shown to the public."},
	{.name = "region",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct venue_new, region),
	 .is_required = true,
	 .min = 1,
	 .max = 64,
	 .doc = "City or province. Lists can filter by it."},
	{.name = "address",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct venue_new, address),
	 .is_nullable = true,
	 .max = 500,
	 .words = WORDS_LINES,
	 .doc = "Postal address in free form."},
	{.name = "time_zone",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct venue_new, time_zone),
	 .is_nullable = true,
	 .min = 1,
	 .max = 64,
	 .format = "zone",
	 .doc = "IANA time zone in which the venue counts its days. Asia/Seoul unless given."},
	{.name = NULL},
};

const struct jin_shape api_venue_create_shape = {
	.name = "VenueRequest", .fields = create_fields, .size = sizeof(struct venue_new)};

enum err
api_venue_create(struct core *core, const struct request *request, struct response *response)
{
	const struct core_key key = api_key(request);

	response->status = 201;
	return venue_create(core, &key, request->input, &response->is_replay, &response->body);
}
