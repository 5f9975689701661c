/* Catalog: entering venues, halls and events, and changing events. */
#include "config.h"

#include "core/listing/catalog.h"

#include "base/buf.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

enum err
catalog_venue_create(struct core *core, const struct uuid *actor, const struct catalog_venue *venue,
		     struct buf *body)
{
	struct db_params params;
	struct outcome outcome;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, actor);
	db_put_text(&params, venue->name);
	db_put_text(&params, venue->region);
	db_put_text(&params, venue->address);
	db_put_text(&params, venue->time_zone != NULL ? venue->time_zone : "Asia/Seoul");
	db_put_text(&params, core->traceparent);
	err = outcome_do(core, "directory.venue_create", &params, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", jin_get_i64(outcome.result, "id"));
	jout_key_text(&out, "name", jin_get_text(outcome.result, "name"));
	jout_key_text(&out, "region", jin_get_text(outcome.result, "region"));
	jout_key_text(&out, "address", jin_get_text(outcome.result, "address"));
	jout_key_text(&out, "time_zone", jin_get_text(outcome.result, "time_zone"));
	jout_end(&out);
	return ERR_OK;
}

enum err
catalog_hall_create(struct core *core, const struct uuid *actor, int64_t venue_id, const char *name,
		    struct buf *body)
{
	struct db_params params;
	struct outcome outcome;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, actor);
	db_put_i64(&params, venue_id);
	db_put_text(&params, name);
	db_put_text(&params, core->traceparent);
	err = outcome_call(core, "directory.hall_create", &params, &outcome);
	if (err != ERR_OK)
		return err;
	if (outcome_is(&outcome, "not_found"))
		return fail_field(core->failure, "venue_id", "is no venue");
	err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", jin_get_i64(outcome.result, "id"));
	jout_key_i64(&out, "venue_id", jin_get_i64(outcome.result, "venue_id"));
	jout_key_text(&out, "name", jin_get_text(outcome.result, "name"));
	jout_end(&out);
	return ERR_OK;
}

/* As GET gives it: an event without shows. */
static void
render_event(int64_t event_id, const struct catalog_event *event, struct buf *body)
{
	struct jout out;

	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", event_id);
	jout_key_text(&out, "title", event->title);
	jout_key_text(&out, "kind", event->kind);
	jout_key_text(&out, "rating", event->rating);
	jout_key_i64(&out, "running_minutes", event->running_minutes);
	jout_key_null(&out, "venue");
	jout_key_null(&out, "first_show_at");
	jout_key_null(&out, "last_show_at");
	jout_key_i64(&out, "seats_left", 0);
	jout_key_text(&out, "description", event->description);
	jout_end(&out);
}

enum err
catalog_event_create(struct core *core, const struct uuid *actor, const struct catalog_event *event,
		     struct buf *body)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, actor);
	db_put_text(&params, event->title);
	db_put_text(&params, event->kind);
	db_put_text(&params, event->rating);
	db_put_i64(&params, event->running_minutes);
	db_put_text(&params, event->description);
	db_put_text(&params, core->traceparent);
	err = outcome_do(core, "directory.event_create", &params, &outcome);
	if (err == ERR_OK)
		render_event(jin_get_i64(outcome.result, "id"), event, body);
	return err;
}

static const char *
change_of(struct core *core, const struct catalog_event_change *change)
{
	const struct catalog_event *event = &change->event;
	struct buf buf;
	struct jout out;

	buf_init(&buf, core->arena);
	jout_init(&out, &buf);
	jout_object(&out);
	if (event->title != NULL)
		jout_key_text(&out, "title", event->title);
	if (event->kind != NULL)
		jout_key_text(&out, "kind", event->kind);
	if (change->has_rating)
		jout_key_text(&out, "rating", event->rating);
	if (event->running_minutes > 0)
		jout_key_i64(&out, "running_minutes", event->running_minutes);
	if (change->has_description)
		jout_key_text(&out, "description", event->description);
	jout_end(&out);
	return buf_text(&buf);
}

enum err
catalog_event_change(struct core *core, int64_t event_id, const struct uuid *actor,
		     const struct catalog_event_change *change, struct buf *body)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, event_id);
	db_put_uuid(&params, actor);
	db_put_text(&params, change_of(core, change));
	db_put_text(&params, core->traceparent);
	err = outcome_do(core, "directory.event_update", &params, &outcome);
	return err != ERR_OK ? err : catalog_event_now(core, event_id, body);
}
