#include "config.h"

#include "core/show/rerelease.h"

#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

static const struct jin_field fields[] = {
	{.name = "every_s",
	 .type = JIN_I64,
	 .offset = offsetof(struct rerelease, every_s),
	 .is_required = true,
	 .min = 1,
	 .max = RERELEASE_EVERY_MAX_S,
	 .says = "must be an integer from 1 to 2592000",
	 .doc = "Seconds between two moments of the schedule."},
	{.name = "at",
	 .type = JIN_TIME,
	 .offset = offsetof(struct rerelease, at),
	 .is_nullable = true,
	 .otherwise = RERELEASE_NO_AT,
	 .says = "must be a time such as 2026-11-21T19:30:00+09:00",
	 .doc = "First moment, before sales close. Unless given, it is the opening of sales."},
	{.name = NULL},
};

const struct jin_shape rerelease_shape = {
	.name = "Rerelease", .fields = fields, .size = sizeof(struct rerelease)};

enum err
rerelease_check(struct core *core, const struct rerelease *rerelease, int64_t sales_close_at)
{
	if (rerelease->every_s > 0 && rerelease->at >= sales_close_at)
		return fail_field(core->failure, "rerelease.at", "must be before sales close");
	return ERR_OK;
}

void
rerelease_put(struct jout *out, const struct rerelease *rerelease)
{
	if (rerelease->every_s == 0) {
		jout_key_null(out, "rerelease");
		return;
	}
	jout_key(out, "rerelease");
	jout_object(out);
	jout_key_i64(out, "every_s", rerelease->every_s);
	if (rerelease->at != RERELEASE_NO_AT)
		jout_key_i64(out, "at", rerelease->at);
	jout_end(out);
}

enum err
rerelease_seats(struct core *core, int64_t limit, size_t *found_r, int64_t *shows_r,
		int64_t *seats_r)
{
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_show_rereleases_due(core, core->db, limit, &rows);

	*found_r = 0;
	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = call_show_seats_rerelease(core, read_numbers(core, rows, "show_id"),
					db_rows_count(rows), &outcome);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*found_r = db_rows_count(rows);
	*shows_r = jin_get_i64(outcome_result(&outcome), "shows");
	*seats_r = jin_get_i64(outcome_result(&outcome), "seats");
	return ERR_OK;
}
