#include "config.h"

#include "core/listing/catalog.h"

#include "base/buf.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/list.h"
#include "core/read.h"
#include "core/listing/show.h"
#include "db/db.h"
#include "json/jout.h"

#define HARD_S 2 /* a stale list is served for no longer than this */

const char *const catalog_kinds[] = {"concert", "movie",      "musical", "play",
				     "sports",  "exhibition", "other",   NULL};
const char *const catalog_ratings[] = {"ALL", "7", "12", "15", "19", NULL};

/* What a filler needs; which members are used depends on the read. */
struct filling {
	struct core *core;
	const struct catalog_filter *filter;
	const struct list *list;
	int64_t event_id;
};

static struct read_age
list_age(const struct core *core)
{
	return (struct read_age){.soft_ms = core->config->cache_list_soft_ms, .hard_s = HARD_S};
}

static void
key_list(struct read_key *key, const struct list *list)
{
	read_key_i64(key, list->limit);
	if (list->has_key) {
		read_key_i64(key, list->key.at);
		read_key_i64(key, list->key.number);
	}
}

static void
put_list(struct db_params *params, const struct list *list)
{
	if (list->has_key) {
		db_put_i64(params, list->key.at);
		db_put_i64(params, list->key.number);
	} else {
		db_put_text(params, NULL);
		db_put_text(params, NULL);
	}
	db_put_i64(params, list->limit + 1);
}

static void
render_time(struct jout *out, const char *key, const struct db_rows *rows, size_t row)
{
	if (db_is_null(rows, row, key))
		jout_key_null(out, key);
	else
		jout_key_time(out, key, db_i64(rows, row, key));
}

static void
render_event(struct jout *out, const struct db_rows *rows, size_t row, bool has_description)
{
	jout_object(out);
	jout_key_i64(out, "id", db_i64(rows, row, "id"));
	jout_key_text(out, "title", db_text(rows, row, "title"));
	jout_key_text(out, "kind", db_text(rows, row, "kind"));
	jout_key_text(out, "rating", db_text(rows, row, "rating"));
	jout_key_i64(out, "running_minutes", db_i64(rows, row, "running_minutes"));
	if (db_is_null(rows, row, "venue"))
		jout_key_null(out, "venue");
	else
		jout_key_raw(out, "venue", db_text(rows, row, "venue"));
	render_time(out, "first_show_at", rows, row);
	render_time(out, "last_show_at", rows, row);
	jout_key_i64(out, "seats_left", db_i64(rows, row, "seats_left"));
	if (has_description)
		jout_key_text(out, "description", db_text(rows, row, "description"));
	jout_end(out);
}

/* --- events --- */

static enum err
fill_events(void *context, struct buf *body)
{
	const struct filling *filling = context;
	const struct catalog_filter *filter = filling->filter;
	const struct list *list = filling->list;
	struct core *core = filling->core;
	struct list_key last = {0};
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	size_t count;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, filter->kind);
	db_put_text(&params, filter->q);
	db_put_text(&params, filter->region);
	db_put_text(&params, filter->rating);
	db_put_text(&params, filter->from);
	db_put_text(&params, filter->to);
	put_list(&params, list);
	err = db_read(core->read_db, "events", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	list_begin(&out, body);
	count = db_rows_count(rows);
	for (size_t i = 0; i < count && i < (size_t)list->limit; i++) {
		render_event(&out, rows, i, false);
		last.at = db_i64(rows, i, "first_show_at");
		last.number = db_i64(rows, i, "id");
	}
	list_end(core, &out, LIST_EVENTS, count > (size_t)list->limit, &last);
	return ERR_OK;
}

enum err
catalog_events(struct core *core, const struct catalog_filter *filter, const struct list *list,
	       struct buf *body)
{
	struct filling filling = {.core = core, .filter = filter, .list = list};
	struct read_key key;

	read_key_init(&key, core, "events");
	read_key_text(&key, filter->kind);
	read_key_text(&key, filter->q);
	read_key_text(&key, filter->region);
	read_key_text(&key, filter->rating);
	read_key_text(&key, filter->from);
	read_key_text(&key, filter->to);
	key_list(&key, list);
	return read_cached(core, &key, list_age(core), fill_events, &filling, body);
}

static enum err
read_event(struct core *core, struct db *db, int64_t event_id, struct buf *body)
{
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, event_id);
	err = read_one(core, db, "event", &params, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	render_event(&out, rows, 0, true);
	return ERR_OK;
}

static enum err
fill_event(void *context, struct buf *body)
{
	const struct filling *filling = context;

	return read_event(filling->core, filling->core->read_db, filling->event_id, body);
}

enum err
catalog_event_now(struct core *core, int64_t event_id, struct buf *body)
{
	return read_event(core, core->db, event_id, body);
}

enum err
catalog_event(struct core *core, int64_t event_id, struct buf *body)
{
	struct filling filling = {.core = core, .event_id = event_id};
	struct read_key key;

	read_key_init(&key, core, "event");
	read_key_i64(&key, event_id);
	return read_cached(core, &key, list_age(core), fill_event, &filling, body);
}

/* An empty list may mean that there is no such event. */
static enum err
check_event(struct core *core, int64_t event_id)
{
	struct db_params params;
	const struct db_rows *rows;

	db_params_init(&params, core->arena);
	db_put_i64(&params, event_id);
	return read_one(core, core->read_db, "event_exists", &params, &rows);
}

static enum err
fill_dates(void *context, struct buf *body)
{
	const struct filling *filling = context;
	struct core *core = filling->core;
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, filling->event_id);
	db_put_text(&params, filling->filter->from);
	db_put_text(&params, filling->filter->to);
	err = db_read(core->read_db, "event_dates", &params, core->arena, core->failure, &rows);
	if (err == ERR_OK && db_rows_count(rows) == 0)
		err = check_event(core, filling->event_id);
	if (err != ERR_OK)
		return err;
	list_begin(&out, body);
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		jout_object(&out);
		jout_key_text(&out, "date", db_text(rows, i, "date"));
		jout_key_i64(&out, "shows", db_i64(rows, i, "shows"));
		jout_key_i64(&out, "seats_left", db_i64(rows, i, "seats_left"));
		jout_end(&out);
	}
	jout_end(&out);
	jout_end(&out);
	return ERR_OK;
}

enum err
catalog_dates(struct core *core, int64_t event_id, const char *from, const char *to,
	      struct buf *body)
{
	const struct catalog_filter filter = {.from = from, .to = to};
	struct filling filling = {.core = core, .filter = &filter, .event_id = event_id};
	struct read_key key;

	read_key_init(&key, core, "dates");
	read_key_i64(&key, event_id);
	read_key_text(&key, from);
	read_key_text(&key, to);
	return read_cached(core, &key, list_age(core), fill_dates, &filling, body);
}

static enum err
fill_shows(void *context, struct buf *body)
{
	const struct filling *filling = context;
	const struct list *list = filling->list;
	struct core *core = filling->core;
	struct list_key last = {0};
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	size_t count;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, filling->event_id);
	db_put_text(&params, filling->filter->from);
	put_list(&params, list);
	err = db_read(core->read_db, "event_shows", &params, core->arena, core->failure, &rows);
	if (err == ERR_OK && db_rows_count(rows) == 0)
		err = check_event(core, filling->event_id);
	if (err != ERR_OK)
		return err;
	list_begin(&out, body);
	count = db_rows_count(rows);
	for (size_t i = 0; i < count && i < (size_t)list->limit; i++) {
		show_render(&out, rows, i, false);
		last.at = db_i64(rows, i, "starts_at");
		last.number = db_i64(rows, i, "id");
	}
	list_end(core, &out, LIST_SHOWS, count > (size_t)list->limit, &last);
	return ERR_OK;
}

enum err
catalog_shows(struct core *core, int64_t event_id, const char *date, const struct list *list,
	      struct buf *body)
{
	const struct catalog_filter filter = {.from = date};
	struct filling filling = {
		.core = core, .filter = &filter, .list = list, .event_id = event_id};
	struct read_key key;

	read_key_init(&key, core, "shows");
	read_key_i64(&key, event_id);
	read_key_text(&key, date);
	key_list(&key, list);
	return read_cached(core, &key, list_age(core), fill_shows, &filling, body);
}
