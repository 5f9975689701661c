/*
 * boxoffice-prune: deletes what is over (answers stored under their key, sessions, failed log-ins,
 * unpaid holds that ended, days of the event log that every consumer has read). It also ends
 * what requests left behind (drafts of shows, halls without a show or taken twice by one show,
 * accounts without an address). core/saga/tidy.h describes each part.
 */
#include "config.h"

#include "base/arena.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/saga/tidy.h"
#include "run/job.h"

static const struct part {
	const char *name; /* of the things pruned, for the log */
	enum err (*tidy)(struct core *core, struct tidy *tidy);
} parts[] = {
	{"drafts", tidy_drafts},
	{"slots", tidy_slots},
	{"moves", tidy_moves},
	{"holds", tidy_holds},
	{"keys of shows", tidy_show_keys},
	{"keys of accounts", tidy_account_keys},
	{"keys of the directory", tidy_directory_keys},
	{"sessions", tidy_sessions},
	{"sign-ups", tidy_signups},
	{"failed log-ins", tidy_login_failures},
	{"addresses of log-ins", tidy_login_addresses},
	{"days of the event log", tidy_events},
};
#define PARTS (sizeof(parts) / sizeof(*parts))

struct pruning {
	struct tidy tidy; /* of the part that the pass has reached */
	size_t next;
	size_t failed;
};

static void
begin_pass(void *state)
{
	*(struct pruning *)state = (struct pruning){.next = 0};
}

/* One round prunes some rows of one part. A part that fails is skipped until the next pass, and the
 * others go on. */
static enum err
prune_round(struct run *run, void *state, struct job_round *round)
{
	struct pruning *pruning = state;
	const struct part *part = &parts[pruning->next];
	struct tidy *tidy = &pruning->tidy;
	enum err err;

	*tidy = (struct tidy){
		.limit = run->core.config->batch_prune_batch,
		.behind = tidy->has_more ? tidy->behind : 0,
	};
	err = part->tidy(&run->core, tidy);
	if (err != ERR_OK) {
		run_log_failure(run,
				arena_printf(run->core.arena, "could not prune %s", part->name));
		pruning->failed++;
		tidy->has_more = false;
	}
	round->rows += tidy->rows;
	if (tidy->rows > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "pruned",
			    arena_printf(run->core.arena, "\"what\":\"%s\",\"rows\":%lld",
					 part->name, (long long)tidy->rows));
	if (!tidy->has_more)
		pruning->next++;
	round->has_more = pruning->next < PARTS;
	/* If the last part failed, its own failure is already on record and says more. */
	if (!round->has_more && pruning->failed > 0)
		return err != ERR_OK ? err
				     : fail_log(run->core.failure, CODE_INTERNAL,
						"%zu of %zu parts failed", pruning->failed, PARTS);
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	struct pruning pruning;
	const struct job job = {
		.name = "boxoffice-prune",
		.dsn = RUN_DSN(database_batch_dsn),
		.summary = "Deletes what is over and what requests left behind.",
		.state = &pruning,
		.begin_pass = begin_pass,
		.work = prune_round,
	};

	return job_main(argc, argv, &job);
}
