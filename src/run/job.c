#include "config.h"

#include "run/job.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "run/options.h"
#include "run/report.h"
#include "run/signals.h"

#define ROUND_TIMEOUT_MS 30000
#define DAY_S 86400

/* The wishes of the command line. */
struct wish {
	const char *config;
	bool is_verbose;
	int64_t for_s; /* 0: once */
	int64_t every_s;
	int64_t share; /* percentage of the time that it works instead of pausing */
};

/* State of a running loop. */
struct loop {
	const struct job *job;
	struct wish wish;
	struct run run;
	struct report report;
	bool is_held; /* this process has the lock; otherwise another one is at work */
	int64_t rows; /* of the pass */
};

static struct wish
read_wish(int argc, char **argv, const struct job *job)
{
	struct wish wish = {.every_s = 1, .share = 100};
	const struct option_row rows[] = {
		OPTION_ROW_VERBOSE(&wish.is_verbose),
		{.name = "once",
		 .kind = OPTION_ZERO,
		 .value = &wish.for_s,
		 .help = "until nothing is left to do (the default)"},
		{.name = "for",
		 .kind = OPTION_NUMBER,
		 .value = &wish.for_s,
		 .arg = "S",
		 .help = "again and again for S seconds",
		 .most = DAY_S},
		{.name = "every",
		 .kind = OPTION_NUMBER,
		 .value = &wish.every_s,
		 .arg = "S",
		 .help = "… every S seconds (1)",
		 .most = DAY_S},
		{.name = "share",
		 .kind = OPTION_NUMBER,
		 .value = &wish.share,
		 .arg = "P",
		 .help = "pauses so that it works no more than P % of the time",
		 .most = 100},
		{.name = NULL},
	};
	const struct options options = {
		.program = job->name,
		.synopsis = "[--verbose] [--for S [--every S]] [--share P]",
		.summary = job->summary,
		.rows = rows,
	};

	wish.config = options_read(argc, argv, &options);
	return wish;
}

/* Works in rounds until nothing is left, or until the lock is lost. */
static enum err
run_pass(struct loop *loop)
{
	const int64_t share = loop->wish.share;
	struct job_round round = {.has_more = true};
	struct run *run = &loop->run;
	int64_t since_us = 0;
	enum err err = ERR_OK;

	loop->rows = 0;
	if (loop->job->begin_pass)
		loop->job->begin_pass(loop->job->state);
	while (round.has_more && err == ERR_OK && !signals_is_stopping()) {
		if (since_us > 0)
			signals_pause((clock_mono_us() - since_us) * (100 - share) / share / 1000);
		since_us = clock_mono_us();
		run_begin(run, ROUND_TIMEOUT_MS);
		err = run_lock(run, &loop->is_held);
		if (err != ERR_OK) {
			run_log_failure(run, "could not take the lock");
			break;
		}
		if (!loop->is_held)
			break;
		round = (struct job_round){.rows = 0};
		err = loop->job->work(run, loop->job->state, &round);
		if (err != ERR_OK)
			run_log_failure(run, "a round failed");
		loop->rows += round.rows;
	}
	return err;
}

/* Makes a pass and reports it. A pass that was told to stop halfway has neither succeeded nor
 * failed. */
static enum err
report_pass_of(struct loop *loop)
{
	const int64_t since_ms = clock_mono_ms();
	const enum err err = run_pass(loop);

	/* Whoever upgrades knows, and the next run finds the schema migrated. */
	if (core_is_schema_older(&loop->run.core))
		return ERR_OK;
	if ((err != ERR_OK || loop->is_held) && !signals_is_stopping())
		report_pass(&loop->report, loop->rows, clock_mono_ms() - since_ms,
			    err == ERR_OK ? NULL : failure_reason(loop->run.core.failure));
	return err;
}

/* Why this run has nothing more to do; NULL: it has. */
static const char *
reason_to_end(const struct loop *loop)
{
	if (core_is_schema_older(&loop->run.core))
		return "the schema is older than this program: boxofficectl db migrate";
	return loop->is_held ? NULL : "another one is at work";
}

int
job_main(int argc, char **argv, const struct job *job)
{
	struct loop loop = {.job = job, .wish = read_wish(argc, argv, job), .is_held = true};
	const int64_t until_ms = clock_mono_ms() + loop.wish.for_s * 1000;
	const char *why = NULL;
	bool is_clean = true;

	run_start(&loop.run, job->name, job->dsn, loop.wish.config, loop.wish.is_verbose);
	report_init(&loop.report, job->name, loop.run.config->batch_textfile_dir);
	for (;;) {
		const int64_t next_ms = clock_mono_ms() + loop.wish.every_s * 1000;

		if (report_pass_of(&loop) != ERR_OK)
			is_clean = false;
		why = reason_to_end(&loop);
		if (why || signals_is_stopping() || next_ms >= until_ms)
			break;
		signals_pause(next_ms - clock_mono_ms());
	}
	if (why) {
		log_info("%s", why);
		puts(why);
	}
	run_fini(&loop.run);
	return is_clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
