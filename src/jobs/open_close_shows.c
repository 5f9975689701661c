/*
 * boxoffice-open-close-shows: writes down which shows the clock has opened, closed and, at the midnight
 * after their end, ended; and puts seats that rest back on sale when their show's schedule says so.
 * What readers see of a show's state does not depend on it: only the events do, and those seats.
 */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/log.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "run/job.h"

#define SHOWS_MAX 1000 /* of a call: locked for the tenth of a second that it takes */
#define RERELEASES_MAX 100

/* What is written down is found no more, so a search from the beginning goes on where the last one
 * ended; only shows whose row somebody has locked stand in its way, and those are few. And for ten
 * seconds those whose seats came back: more than fit in a call wait for so long at most. */

/* Calls `function` with the shows that `statement` finds, `limit` at most. `*count_r`: how many. */
static enum err
call_for_due(struct run *run, const char *statement, const char *function, int64_t limit,
	     size_t *count_r, struct outcome *outcome_r)
{
	struct arena *arena = run->core.arena;
	const struct db_rows *rows;
	struct db_params params;
	int64_t *shows;
	enum err err;

	*count_r = 0;
	db_params_init(&params, arena);
	db_put_i64(&params, limit);
	err = db_read(run->core.db, statement, &params, arena, run->core.failure, &rows);
	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	shows = arena_calloc(arena, db_rows_count(rows), sizeof(*shows));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		shows[i] = db_i64(rows, i, "show_id");
	db_params_init(&params, arena);
	db_put_i64s(&params, shows, db_rows_count(rows));
	err = outcome_do(&run->core, function, &params, outcome_r);
	if (err == ERR_OK)
		*count_r = db_rows_count(rows);
	return err;
}

static enum err
write_down(struct run *run, struct job_round *round)
{
	struct outcome outcome;
	int64_t opened, closed, ended;
	size_t count;
	enum err err = call_for_due(run, "shows_due", "show.shows_write_down", SHOWS_MAX, &count,
				    &outcome);

	if (err != ERR_OK || count == 0)
		return err;
	opened = jin_get_i64(outcome_result(&outcome), "opened");
	closed = jin_get_i64(outcome_result(&outcome), "closed");
	ended = jin_get_i64(outcome_result(&outcome), "ended");
	log_members(LOG_LEVEL_INFO, "shows written down",
		    arena_printf(run->core.arena, "\"opened\":%lld,\"closed\":%lld,\"ended\":%lld",
				 (long long)opened, (long long)closed, (long long)ended));
	round->rows += opened + closed + ended;
	round->has_more |= count == SHOWS_MAX && opened + closed + ended > 0;
	return ERR_OK;
}

static enum err
rerelease(struct run *run, struct job_round *round)
{
	struct outcome outcome;
	int64_t seats, shows;
	size_t count;
	enum err err = call_for_due(run, "rereleases_due", "show.seats_rerelease", RERELEASES_MAX,
				    &count, &outcome);

	if (err != ERR_OK || count == 0)
		return err;
	seats = jin_get_i64(outcome_result(&outcome), "seats");
	shows = jin_get_i64(outcome_result(&outcome), "shows");
	round->rows += seats;
	if (seats > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "seats put back on sale",
			    arena_printf(run->core.arena, "\"seats\":%lld,\"shows\":%lld",
					 (long long)seats, (long long)shows));
	/* What is left is busy, or more than fits in a transaction. */
	round->has_more |= seats > 0 || (count == RERELEASES_MAX && shows > 0);
	return ERR_OK;
}

static enum err
open_close_round(struct run *run, void *state, struct job_round *round)
{
	enum err err = write_down(run, round);

	(void)state;
	return err == ERR_OK ? rerelease(run, round) : err;
}

int
main(int argc, char **argv)
{
	const struct job job = {
		.name = "boxoffice-open-close-shows",
		.summary = "Writes down which shows have opened, closed and ended; puts resting "
			   "seats back.",
		.work = open_close_round,
	};

	return job_main(argc, argv, &job);
}
