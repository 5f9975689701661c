#include "config.h"

#include "core/directory/event.h"

#include "base/buf.h"
#include "call/directory.h"
#include "core/core.h"
#include "core/listing/catalog.h"
#include "core/outcome.h"
#include "json/jin.h"
#include "json/jout.h"

const char *const event_kinds[] = {"concert", "movie",      "musical", "play",
				   "sports",  "exhibition", "other",   NULL};
const char *const event_ratings[] = {"ALL", "7", "12", "15", "19", NULL};

/* The same form as GET answers for an event without shows. */
static void
render_event(int64_t event_id, const struct event_entry *event, struct buf *body)
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
event_create(struct core *core, const struct core_key *key, const struct event_entry *event,
	     bool *is_replay_r, struct buf *body)
{
	struct outcome outcome;
	enum err err =
		call_directory_event_create(core, key, event->title, event->kind, event->rating,
					    event->running_minutes, event->description, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is_replay(&outcome, key);
	render_event(jin_get_i64(outcome_result(&outcome), "id"), event, body);
	return ERR_OK;
}

static const char *
change_of(struct core *core, const struct event_entry *change)
{
	struct buf buf;
	struct jout out;

	buf_init(&buf, core->arena);
	jout_init(&out, &buf);
	jout_object(&out);
	if (change->title != NULL)
		jout_key_text(&out, "title", change->title);
	if (change->kind != NULL)
		jout_key_text(&out, "kind", change->kind);
	if (change->has_rating)
		jout_key_text(&out, "rating", change->rating);
	if (change->running_minutes > 0)
		jout_key_i64(&out, "running_minutes", change->running_minutes);
	if (change->has_description)
		jout_key_text(&out, "description", change->description);
	jout_end(&out);
	return buf_text(&buf);
}

enum err
event_change(struct core *core, int64_t event_id, const struct uuid *actor,
	     const struct event_entry *change, struct buf *body)
{
	struct outcome outcome;
	enum err err = call_directory_event_update(core, event_id, actor, change_of(core, change),
						   &outcome);

	err = outcome_accept(core, err, &outcome);
	return err != ERR_OK ? err : catalog_event_now(core, event_id, body);
}
