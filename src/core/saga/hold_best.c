#include "config.h"

#include "core/saga/hold_best.h"

#include "base/buf.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/directory/layout.h"
#include "core/outcome.h"
#include "core/plan.h"
#include "core/read.h"
#include "core/show/hold.h"
#include "db/db.h"

#define HARD_S 86400 /* a plan never changes, but an unused one need not stay */

static enum err
fill(struct core *core, const void *wanted, struct buf *body)
{
	const int64_t *show_id = wanted;
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_show_plan(core, core->db, *show_id, &rows);

	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	if (!db_is_null(rows, 0, "plan"))
		return read_bytes(core, rows, "plan", body);
	err = layout_plan(core, db_i64(rows, 0, "layout_id"), body);
	if (err != ERR_OK)
		return err;
	err = call_show_plan_add(core, *show_id, body->data, body->len, &outcome);
	return outcome_expect_ok(core, err, &outcome);
}

enum err
hold_best(struct core *core, const struct hold_wish *wish, int *status_r, struct buf *body)
{
	const struct read_age age = {.soft_ms = core->config->cache_layout_soft_s * 1000,
				     .hard_s = HARD_S};
	const int64_t max = core->config->booking_max_seats_per_request;
	struct read_key key;
	struct buf bytes;
	struct plan plan;
	enum err err;

	if (wish->count > max)
		return fail_field(core->failure, "best.count", "must be 1 to %lld", (long long)max);
	read_key_init(&key, core, "plan");
	read_key_i64(&key, wish->show_id);
	buf_init(&bytes, core->arena);
	err = read_cached(core, &key, age, fill, &wish->show_id, &bytes);
	if (err != ERR_OK)
		return err;
	if (!plan_read(core->arena, buf_text(&bytes), bytes.len, &plan))
		return fail_log(core->failure, CODE_INTERNAL, "the plan of show %lld is damaged",
				(long long)wish->show_id);
	return hold_take_best(core, wish, &plan, status_r, body);
}
