#include "config.h"

#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "db/db.h"
#include "run/exit.h"
#include "run/judge.h"
#include "run/log.h"
#include "run/report.h"
#include "run/signals.h"

#define ARENA_LIMIT ((size_t)256 << 20)

static void
open_log(const char *name, const struct config *config)
{
	static const char prefix[] = "boxoffice-";
	const size_t len = sizeof(prefix) - 1;
	const char *why;

	if (run_log_open(config, strncmp(name, prefix, len) == 0 ? name + len : name))
		return;
	why = strerror(errno);
	fprintf(stderr, "%s: could not open %s: %s\n", name, config->log_file, why);
	report_alert(name, "could not open the log", why);
	exit(EXIT_FAILURE);
}

void
run_start(struct run *run, const char *name, size_t dsn, const char *config, bool is_verbose)
{
	static struct failure failure;
	const struct judge judge = {
		.path = config_path(config),
		.parts = JUDGE_LOG,
	};
	struct arena *arena = arena_new(ARENA_LIMIT);
	struct buf errors;

	*run = (struct run){.name = name, .lock = {.name = name}, .is_verbose = is_verbose};
	buf_init(&errors, arena);
	if (judge_read(&judge, &errors, &run->config) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		report_alert(name, "the configuration is refused", buf_text(&errors));
		exit(EXIT_CONFIG);
	}
	open_log(name, run->config);
	signals_take();
	core_init(&run->core, run->config, NULL,
		  &(struct core_access){.application = name,
					.dsn = *(const char **)((char *)run->config + dsn)});
	run->core.arena = arena;
	run->core.failure = &failure;
	failure_init(&failure, arena);
}

void
run_fini(struct run *run)
{
	core_fini(&run->core);
	config_free(run->config);
	arena_free(run->core.arena);
}

void
run_begin(struct run *run, int64_t timeout_ms)
{
	struct arena *arena = run->core.arena;

	signals_reopen_log();
	arena_reset(arena);
	failure_init(run->core.failure, arena);
	core_begin(&run->core, arena, run->core.failure, NULL, clock_mono_ms() + timeout_ms);
}

enum err
run_lock(struct run *run, bool *is_held_r)
{
	return lock_take(&run->lock, &run->core, is_held_r);
}

bool
run_has_lock(const struct run *run)
{
	return lock_is_held(&run->lock, &run->core);
}

void
run_log_failure(const struct run *run, const char *what)
{
	const struct failure *failure = run->core.failure;
	const bool is_away = failure->code != CODE_NONE &&
			     code_info(failure->code)->err == ERR_RETRY &&
			     !db_is_refused(run->core.db);

	/* That was logged when it was found. */
	if (core_is_schema_older(&run->core))
		return;
	/* An unreachable database is not our fault, and the next round catches up. */
	log_msg(is_away ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "%s: %s", what,
		failure_reason(failure));
}
