#include "config.h"

#include "core/listing/catalog.h"

#include "base/buf.h"
#include "call/listing.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/list.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jout.h"

/* The subject of a document. Each document uses only some of the members. */
struct wanted {
	const struct catalog_filter *filter;
	const struct list *list;
	int64_t id;
};

/* The key of the document and `wanted` must describe the same document. */
static enum err
cached(struct core *core, const struct read_key *key, read_fill *fill, const struct wanted *wanted,
       struct buf *body)
{
	return read_cached(core, key, read_age_live(core->config->cache_list_soft_ms), fill, wanted,
			   body);
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

/* --- events --- */

static void
render_time(struct jout *out, const char *key, const struct db_rows *rows, size_t row)
{
	if (db_is_null(rows, row, key))
		jout_key_null(out, key);
	else
		jout_key_time(out, key, db_i64(rows, row, key));
}

static void
render_event_members(struct jout *out, const struct db_rows *rows, size_t row)
{
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
}

static void
render_event(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	render_event_members(out, rows, row);
	jout_end(out);
}

static enum err
fill_events(struct core *core, const void *context, struct buf *body)
{
	const struct wanted *wanted = context;
	const struct catalog_filter *filter = wanted->filter;
	const struct list *list = wanted->list;
	const struct db_rows *rows;
	enum err err = read_listing_events(
		core, core->read_db, filter->kind, filter->q, filter->region, filter->rating,
		filter->from, filter->to, list_at(list), list_number(list), list_rows(list), &rows);

	if (err == ERR_OK)
		list_render_timed(core, list, rows, "first_show_at", render_event, body);
	return err;
}

enum err
catalog_events(struct core *core, const struct catalog_filter *filter, const struct list *list,
	       struct buf *body)
{
	const struct wanted wanted = {.filter = filter, .list = list};
	struct read_key key;

	read_key_init(&key, core, "events");
	read_key_text(&key, filter->kind);
	read_key_text(&key, filter->q);
	read_key_text(&key, filter->region);
	read_key_text(&key, filter->rating);
	read_key_text(&key, filter->from);
	read_key_text(&key, filter->to);
	key_list(&key, list);
	return cached(core, &key, fill_events, &wanted, body);
}

static enum err
read_event(struct core *core, struct db *db, int64_t event_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_listing_event(core, db, event_id, &rows);

	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	render_event_members(&out, rows, 0);
	jout_key_text(&out, "description", db_text(rows, 0, "description"));
	jout_end(&out);
	return ERR_OK;
}

static enum err
fill_event(struct core *core, const void *context, struct buf *body)
{
	const struct wanted *wanted = context;

	return read_event(core, core->read_db, wanted->id, body);
}

enum err
catalog_event_now(struct core *core, int64_t event_id, struct buf *body)
{
	return read_event(core, core->db, event_id, body);
}

enum err
catalog_event(struct core *core, int64_t event_id, struct buf *body)
{
	const struct wanted wanted = {.id = event_id};
	struct read_key key;

	read_key_init(&key, core, "event");
	read_key_i64(&key, event_id);
	return cached(core, &key, fill_event, &wanted, body);
}

/* An empty list may mean that the event does not exist. */
static enum err
check_event(struct core *core, int64_t event_id, const struct db_rows *listed)
{
	const struct db_rows *rows;
	enum err err;

	if (db_rows_count(listed) > 0)
		return ERR_OK;
	err = read_listing_event_exists(core, core->read_db, event_id, &rows);
	return read_found(core, err, &rows);
}

static void
render_date(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	jout_key_text(out, "date", db_text(rows, row, "date"));
	jout_key_i64(out, "shows", db_i64(rows, row, "shows"));
	jout_key_i64(out, "seats_left", db_i64(rows, row, "seats_left"));
	jout_end(out);
}

static enum err
fill_dates(struct core *core, const void *context, struct buf *body)
{
	const struct wanted *wanted = context;
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_listing_event_dates(core, core->read_db, wanted->id,
						wanted->filter->from, wanted->filter->to, &rows);

	if (err == ERR_OK)
		err = check_event(core, wanted->id, rows);
	if (err != ERR_OK)
		return err;
	list_begin(&out, body);
	for (size_t i = 0; i < db_rows_count(rows); i++)
		render_date(&out, rows, i);
	jout_end(&out);
	jout_end(&out);
	return ERR_OK;
}

enum err
catalog_dates(struct core *core, int64_t event_id, const char *from, const char *to,
	      struct buf *body)
{
	const struct catalog_filter filter = {.from = from, .to = to};
	const struct wanted wanted = {.filter = &filter, .id = event_id};
	struct read_key key;

	read_key_init(&key, core, "dates");
	read_key_i64(&key, event_id);
	read_key_text(&key, from);
	read_key_text(&key, to);
	return cached(core, &key, fill_dates, &wanted, body);
}

/* --- shows --- */

/* As it was entered. */
static void
render_rerelease(struct jout *out, const struct db_rows *rows, size_t row)
{
	if (db_is_null(rows, row, "rerelease_every_s")) {
		jout_key_null(out, "rerelease");
		return;
	}
	jout_key(out, "rerelease");
	jout_object(out);
	jout_key_i64(out, "every_s", db_i64(rows, row, "rerelease_every_s"));
	if (!db_is_null(rows, row, "rerelease_at"))
		jout_key_time(out, "at", db_i64(rows, row, "rerelease_at"));
	jout_end(out);
}

static void
render_show_members(struct jout *out, const struct db_rows *rows, size_t row, bool has_grades)
{
	jout_key_i64(out, "id", db_i64(rows, row, "id"));
	jout_key_i64(out, "event_id", db_i64(rows, row, "event_id"));
	jout_key_text(out, "event_title", db_text(rows, row, "event_title"));
	jout_key_raw(out, "hall", db_text(rows, row, "hall"));
	jout_key_time(out, "starts_at", db_i64(rows, row, "starts_at"));
	jout_key_time(out, "ends_at", db_i64(rows, row, "ends_at"));
	jout_key_time(out, "sales_open_at", db_i64(rows, row, "sales_open_at"));
	jout_key_time(out, "sales_close_at", db_i64(rows, row, "sales_close_at"));
	jout_key_text(out, "state", db_text(rows, row, "state"));
	jout_key_text(out, "currency", db_text(rows, row, "currency"));
	if (has_grades)
		jout_key_raw(out, "grades", db_text(rows, row, "grades"));
	jout_key_i64(out, "capacity", db_i64(rows, row, "capacity"));
	jout_key_i64(out, "seats_left", db_i64(rows, row, "seats_left"));
	jout_key_i64(out, "layout_id", db_i64(rows, row, "layout_id"));
	jout_key_i64(out, "hold_seconds", db_i64(rows, row, "hold_seconds"));
	jout_key_i64(out, "max_seats_per_user", db_i64(rows, row, "max_seats_per_user"));
	render_rerelease(out, rows, row);
	jout_key_null(out, "waiting_room");
}

static void
render_show(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	render_show_members(out, rows, row, false);
	jout_end(out);
}

static enum err
fill_shows(struct core *core, const void *context, struct buf *body)
{
	const struct wanted *wanted = context;
	const struct list *list = wanted->list;
	const struct db_rows *rows;
	enum err err =
		read_listing_event_shows(core, core->read_db, wanted->id, wanted->filter->from,
					 list_at(list), list_number(list), list_rows(list), &rows);

	if (err == ERR_OK)
		err = check_event(core, wanted->id, rows);
	if (err == ERR_OK)
		list_render_timed(core, list, rows, "starts_at", render_show, body);
	return err;
}

enum err
catalog_shows(struct core *core, int64_t event_id, const char *date, const struct list *list,
	      struct buf *body)
{
	const struct catalog_filter filter = {.from = date};
	const struct wanted wanted = {.filter = &filter, .list = list, .id = event_id};
	struct read_key key;

	read_key_init(&key, core, "shows");
	read_key_i64(&key, event_id);
	read_key_text(&key, date);
	key_list(&key, list);
	return cached(core, &key, fill_shows, &wanted, body);
}

static enum err
read_show(struct core *core, struct db *db, int64_t show_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_listing_show(core, db, show_id, &rows);

	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	render_show_members(&out, rows, 0, true);
	jout_end(&out);
	return ERR_OK;
}

static enum err
fill_show(struct core *core, const void *context, struct buf *body)
{
	const struct wanted *wanted = context;

	return read_show(core, core->read_db, wanted->id, body);
}

enum err
catalog_show_now(struct core *core, int64_t show_id, struct buf *body)
{
	return read_show(core, core->db, show_id, body);
}

enum err
catalog_show(struct core *core, int64_t show_id, struct buf *body)
{
	const struct wanted wanted = {.id = show_id};
	struct read_key key;

	read_key_init(&key, core, "show");
	read_key_i64(&key, show_id);
	return cached(core, &key, fill_show, &wanted, body);
}
