/*
 * boxoffice-open-close-shows: records which shows the clock has opened, closed and, at the midnight
 * after their end, ended. It also puts resting seats back on sale when the schedule of their show
 * says so or was taken off, and adds the seats of large shows and publishes them. Readers see the
 * state of a show without this job. Only the events, the resting seats and the large shows depend
 * on it.
 *
 * Each round searches from the beginning. A show that was recorded is not found again, and a show
 * whose seats came back is not found for ten seconds. Shows with a locked row are found each time,
 * but they are few. A show that did not fit in a call waits ten seconds at most.
 */
#include "config.h"

#include "base/arena.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/saga/show_draft.h"
#include "core/show/rerelease.h"
#include "core/show/sweep.h"
#include "run/job.h"

#define SHOWS_MAX 1000 /* in a call, which locks them for a tenth of a second */
#define RERELEASES_MAX 100

static enum err
write_down(struct run *run, struct job_round *round)
{
	struct sweep_shows swept;
	enum err err = sweep_shows(&run->core, SHOWS_MAX, &swept);
	int64_t rows;

	if (err != ERR_OK || swept.found == 0)
		return err;
	log_members(LOG_LEVEL_INFO, "shows written down",
		    arena_printf(run->core.arena, "\"opened\":%lld,\"closed\":%lld,\"ended\":%lld",
				 (long long)swept.opened, (long long)swept.closed,
				 (long long)swept.ended));
	rows = swept.opened + swept.closed + swept.ended;
	round->rows += rows;
	round->has_more |= swept.found == SHOWS_MAX && rows > 0;
	return ERR_OK;
}

static enum err
rerelease(struct run *run, struct job_round *round)
{
	int64_t seats, shows;
	size_t found;
	enum err err = rerelease_seats(&run->core, RERELEASES_MAX, &found, &shows, &seats);

	if (err != ERR_OK || found == 0)
		return err;
	round->rows += seats;
	if (seats > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "seats put back on sale",
			    arena_printf(run->core.arena, "\"seats\":%lld,\"shows\":%lld",
					 (long long)seats, (long long)shows));
	/* The remaining seats are busy, or more than fit in a transaction. */
	round->has_more |= seats > 0 || (found == RERELEASES_MAX && shows > 0);
	return ERR_OK;
}

struct drafts {
	int64_t behind; /* the show that the pass has reached */
	size_t failed;
};

/* One step a round, so that nothing else waits for a large show. A draft that fails keeps no other
 * waiting: the pass goes on and fails at its end. */
static enum err
finish_draft(struct run *run, struct drafts *drafts, struct job_round *round)
{
	const int64_t before = drafts->behind;
	bool is_finished;
	enum err err = show_draft_finish(&run->core, &drafts->behind, &is_finished);

	if (err != ERR_OK && drafts->behind == before)
		return err;
	if (err != ERR_OK) {
		run_log_failure(run, arena_printf(run->core.arena, "could not finish show %lld",
						  (long long)drafts->behind));
		drafts->failed++;
	} else if (is_finished) {
		log_members(
			LOG_LEVEL_INFO, "show finished",
			arena_printf(run->core.arena, "\"show\":%lld", (long long)drafts->behind));
		round->rows++;
	}
	round->has_more |= drafts->behind < INT32_MAX;
	if (!round->has_more && drafts->failed > 0)
		return fail_log(run->core.failure, CODE_INTERNAL,
				"%zu large shows could not be finished", drafts->failed);
	return ERR_OK;
}

static void
begin_pass(void *state)
{
	*(struct drafts *)state = (struct drafts){.behind = 0};
}

static enum err
open_close_round(struct run *run, void *state, struct job_round *round)
{
	enum err err = write_down(run, round);

	if (err == ERR_OK)
		err = rerelease(run, round);
	return err == ERR_OK ? finish_draft(run, state, round) : err;
}

int
main(int argc, char **argv)
{
	struct drafts drafts;
	const struct job job = {
		.name = "boxoffice-open-close-shows",
		.dsn = RUN_DSN(database_batch_dsn),
		.summary = "Writes down which shows have opened, closed and ended; puts resting "
			   "seats back; finishes large shows.",
		.state = &drafts,
		.begin_pass = begin_pass,
		.work = open_close_round,
	};

	return job_main(argc, argv, &job);
}
