#include "config.h"

#include "core/listing/show.h"

#include "base/buf.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jout.h"

#define HARD_S 2 /* a stale page is served for no longer than this */

void
show_render(struct jout *out, const struct db_rows *rows, size_t row, bool has_grades)
{
	jout_object(out);
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
	jout_key_null(out, "waiting_room");
	jout_end(out);
}

static enum err
read_from(struct core *core, struct db *db, int64_t show_id, struct buf *body)
{
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	err = read_one(core, db, "show", &params, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	show_render(&out, rows, 0, true);
	return ERR_OK;
}

struct filling {
	struct core *core;
	int64_t show_id;
};

static enum err
fill(void *context, struct buf *body)
{
	struct filling *filling = context;

	return read_from(filling->core, filling->core->read_db, filling->show_id, body);
}

enum err
show_read(struct core *core, int64_t show_id, struct buf *body)
{
	struct filling filling = {.core = core, .show_id = show_id};
	const struct read_age age = {.soft_ms = core->config->cache_list_soft_ms, .hard_s = HARD_S};
	struct read_key key;

	read_key_init(&key, core, "show");
	read_key_i64(&key, show_id);
	return read_cached(core, &key, age, fill, &filling, body);
}

enum err
show_read_now(struct core *core, int64_t show_id, struct buf *body)
{
	return read_from(core, core->db, show_id, body);
}

enum err
show_check(struct core *core, int64_t show_id)
{
	struct db_params params;
	const struct db_rows *rows;

	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	return read_one(core, core->read_db, "show_exists", &params, &rows);
}
