#include "config.h"

#include "core/show/sweep.h"

#include <stdio.h>

#include "base/arena.h"
#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"

/* --- holds --- */

/* Releases the first holds of `rows`, as many as fit: `*released_r` of `*seen_r`. */
static enum err
expire(struct core *core, const struct db_rows *rows, bool is_off, int64_t *released_r,
       size_t *seen_r)
{
	const size_t count = db_rows_count(rows);
	const int64_t *shows = read_numbers(core, rows, "show_id");
	struct uuid *holds = arena_calloc(core->arena, count, sizeof(*holds));
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < count; i++) {
		if (!db_uuid(rows, i, "hold_id", &holds[i]))
			return fail_log(core->failure, CODE_INTERNAL, "a hold without id");
	}
	err = call_show_holds_expire(core, shows, count, holds, count, is_off, &outcome);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*released_r = jin_get_i64(outcome_result(&outcome), "released");
	*seen_r = (size_t)(*released_r + jin_get_i64(outcome_result(&outcome), "skipped"));
	if (*seen_r < 1 || *seen_r > count)
		return fail_log(core->failure, CODE_INTERNAL, "a hold of too many seats");
	return ERR_OK;
}

/* The ended holds, or with `is_off` the live ones of cancelled shows. */
static enum err
sweep(struct core *core, int64_t limit, bool is_off, struct sweep_place *place,
      struct sweep_holds *swept_r)
{
	const char *expires_at = place->expires_at[0] != '\0' ? place->expires_at : "-infinity";
	struct sweep_holds swept = {.released = 0};
	const struct db_rows *rows;
	enum err err = is_off ? read_show_holds_off(core, core->db, limit, expires_at,
						    &place->hold_id, &rows)
			      : read_show_holds_expired(core, core->db, limit, expires_at,
							&place->hold_id, &rows);

	if (err == ERR_OK && db_rows_count(rows) > 0)
		err = expire(core, rows, is_off, &swept.released, &swept.seen);
	if (err != ERR_OK)
		return err;
	if (swept.seen > 0) {
		snprintf(place->expires_at, sizeof(place->expires_at), "%s",
			 db_text(rows, swept.seen - 1, "expires_at"));
		(void)db_uuid(rows, swept.seen - 1, "hold_id", &place->hold_id);
	}
	swept.has_more = swept.seen < db_rows_count(rows) || (int64_t)swept.seen == limit;
	*swept_r = swept;
	return ERR_OK;
}

enum err
sweep_holds(struct core *core, int64_t limit, struct sweep_place *place,
	    struct sweep_holds *swept_r)
{
	return sweep(core, limit, false, place, swept_r);
}

enum err
sweep_holds_off(struct core *core, int64_t limit, struct sweep_place *place,
		struct sweep_holds *swept_r)
{
	return sweep(core, limit, true, place, swept_r);
}

/* --- shows --- */

enum err
sweep_shows(struct core *core, int64_t limit, struct sweep_shows *swept_r)
{
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_show_shows_due(core, core->db, limit, &rows);

	*swept_r = (struct sweep_shows){.found = 0};
	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = call_show_shows_write_down(core, read_numbers(core, rows, "show_id"),
					 db_rows_count(rows), &outcome);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*swept_r = (struct sweep_shows){
		.found = db_rows_count(rows),
		.opened = jin_get_i64(outcome_result(&outcome), "opened"),
		.closed = jin_get_i64(outcome_result(&outcome), "closed"),
		.ended = jin_get_i64(outcome_result(&outcome), "ended"),
	};
	return ERR_OK;
}
