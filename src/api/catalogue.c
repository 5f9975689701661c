/* What the public browses: events, shows, layouts, availability. */
#include "config.h"

#include "api/handlers.h"

#include "api/input.h"
#include "core/listing/catalog.h"
#include "core/core.h"
#include "core/directory/layout.h"
#include "core/show/seatmap.h"
#include "core/listing/show.h"
#include "web/request.h"
#include "web/response.h"

/* All parameters are looked at, so that every violation is reported; the first one decides. */
static enum err
first(enum err err, enum err next)
{
	return err != ERR_OK ? err : next;
}

enum err
catalogue_events(struct core *core, const struct request *request, struct response *response)
{
	struct catalog_filter filter = {.kind = NULL};
	struct list list = {.limit = 0};
	enum err err;

	err = input_enum(request, "kind", catalog_kinds, &filter.kind);
	err = first(err, input_text(request, "q", 1, 100, &filter.q));
	err = first(err, input_text(request, "region", 1, 64, &filter.region));
	err = first(err, input_enum(request, "rating", catalog_ratings, &filter.rating));
	err = first(err, input_days(request, &filter.from, &filter.to));
	err = first(err, input_list(core, request, LIST_EVENTS, &list));
	if (err != ERR_OK)
		return err;
	return catalog_events(core, &filter, &list, &response->body);
}

enum err
catalogue_event(struct core *core, const struct request *request, struct response *response)
{
	return catalog_event(core, request->params[0].id, &response->body);
}

enum err
catalogue_dates(struct core *core, const struct request *request, struct response *response)
{
	const char *from = NULL, *to = NULL;
	enum err err = input_days(request, &from, &to);

	if (err != ERR_OK)
		return err;
	return catalog_dates(core, request->params[0].id, from, to, &response->body);
}

enum err
catalogue_shows(struct core *core, const struct request *request, struct response *response)
{
	const char *date = NULL;
	struct list list = {.limit = 0};
	enum err err = input_date(request, "date", &date);

	err = first(err, input_list(core, request, LIST_SHOWS, &list));
	if (err != ERR_OK)
		return err;
	return catalog_shows(core, request->params[0].id, date, &list, &response->body);
}

enum err
catalogue_show(struct core *core, const struct request *request, struct response *response)
{
	return show_read(core, request->params[0].id, &response->body);
}

enum err
catalogue_layout(struct core *core, const struct request *request, struct response *response)
{
	return layout_read(core, request->params[0].id, &response->body);
}

enum err
catalogue_availability(struct core *core, const struct request *request, struct response *response)
{
	return seatmap_read(core, request->params[0].id, &response->etag, &response->body);
}
