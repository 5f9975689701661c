/*
 * boxoffice-release-holds: records which holds the clock has ended. Once in each run it makes the
 * coming days of the event log. It only tidies: the seats of an ended hold can be taken without it.
 */
#include "config.h"

#include "base/arena.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "core/show/sweep.h"
#include "run/job.h"

struct release {
	struct sweep_place place; /* place in the pass */
	bool has_days; /* the coming days of the event log were made, in the first round */
};

static void
begin_pass(void *state)
{
	struct release *release = state;

	release->place = (struct sweep_place){.expires_at = ""};
}

static enum err
release_round(struct run *run, void *state, struct job_round *round)
{
	struct release *release = state;
	struct sweep_holds swept;
	enum err err = release->has_days ? ERR_OK : eventlog_make_days(&run->core);

	if (err != ERR_OK)
		return err;
	release->has_days = true;
	err = sweep_holds(&run->core, run->config->batch_sweep_batch, &release->place, &swept);
	if (err != ERR_OK)
		return err;
	round->rows = swept.released;
	round->has_more = swept.has_more;
	if (swept.released > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "holds released",
			    arena_printf(run->core.arena, "\"released\":%lld,\"found\":%zu",
					 (long long)swept.released, swept.seen));
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	struct release release = {.has_days = false};
	const struct job job = {
		.name = "boxoffice-release-holds",
		.dsn = RUN_DSN(database_batch_dsn),
		.summary = "Writes down which holds have expired and puts their seats back.",
		.state = &release,
		.begin_pass = begin_pass,
		.work = release_round,
	};

	return job_main(argc, argv, &job);
}
