#include "config.h"

#include "run/batch.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "conf/config.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "run/batch_report.h"

#define EXIT_USAGE 2
#define EXIT_CONFIG 78 /* sysexits.h */
#define ARENA_LIMIT ((size_t)256 << 20)
#define ROUND_TIMEOUT_MS 30000
#define DAY_S 86400
#define SLEEP_MAX_MS 200 /* a signal between the question and the sleep costs no more than this */

static volatile sig_atomic_t is_stopping;
static volatile sig_atomic_t is_reopening;

/* --- signals --- */

static void
on_stop(int signal)
{
	(void)signal;
	is_stopping = 1;
	alarm(1);
}

static void
on_alarm(int signal)
{
	(void)signal;
	_exit(EXIT_SUCCESS);
}

static void
on_reopen(int signal)
{
	(void)signal;
	is_reopening = 1;
}

static void
take_signals(void)
{
	static const struct {
		int signal;
		void (*handler)(int signal);
	} rows[] = {
		{SIGTERM, on_stop},   {SIGINT, on_stop},   {SIGALRM, on_alarm},
		{SIGUSR1, on_reopen}, {SIGHUP, on_reopen}, {SIGPIPE, SIG_IGN},
	};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		action.sa_handler = rows[i].handler;
		sigaction(rows[i].signal, &action, NULL);
	}
}

bool
batch_is_stopping(void)
{
	return is_stopping != 0;
}

void
batch_pause(int64_t ms)
{
	const int64_t until_ms = clock_mono_ms() + ms;
	int64_t left_ms;

	while (!is_stopping && (left_ms = until_ms - clock_mono_ms()) > 0)
		poll(NULL, 0, left_ms < SLEEP_MAX_MS ? (int)left_ms : SLEEP_MAX_MS);
}

/* --- starting --- */

struct options {
	const char *config;
	bool is_verbose;
	int64_t for_s; /* 0: once */
	int64_t every_s;
	int64_t share; /* of the time, in percent, that it works and does not pause */
};

static void
print_usage(FILE *out, const struct batch *batch)
{
	fprintf(out, "Usage: %s [--config FILE] [--verbose]%s\n%s\n\n", batch->name,
		batch->round ? " [--for S [--every S]] [--share P]" : "", batch->summary);
	fputs("  -c, --config FILE  read FILE instead of $BOXOFFICE_CONF\n"
	      "  -v, --verbose      say what was done, not only what went wrong\n",
	      out);
	if (batch->round)
		fputs("      --once         until nothing is left to do (the default)\n"
		      "      --for S        again and again for S seconds\n"
		      "      --every S      … every S seconds (1)\n"
		      "      --share P      pauses so that it works no more than P % of the time\n",
		      out);
	fputs("      --version      print the version\n"
	      "  -h, --help         print this\n",
	      out);
}

static void __attribute__((noreturn)) usage_error(const struct batch *batch)
{
	print_usage(stderr, batch);
	exit(EXIT_USAGE);
}

static int64_t
read_number(const struct batch *batch, const char *text, int64_t most)
{
	int64_t number;

	if (!text_parse_i64(text, strlen(text), &number) || number < 1 || number > most) {
		fprintf(stderr, "%s: %s is no number from 1 to %lld\n", batch->name, text,
			(long long)most);
		exit(EXIT_USAGE);
	}
	return number;
}

static struct options
read_options(int argc, char **argv, const struct batch *batch)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{"once", no_argument, NULL, 'o'},
		{"for", required_argument, NULL, 'f'},
		{"every", required_argument, NULL, 'e'},
		{"share", required_argument, NULL, 's'},
		{NULL, 0, NULL, 0},
	};
	struct options options = {.every_s = 1, .share = 100};
	int option;

	while ((option = getopt_long(argc, argv, "c:vh", known, NULL)) != -1) {
		if (option == 'c') {
			options.config = optarg;
		} else if (option == 'v') {
			options.is_verbose = true;
		} else if (option == 'o' && batch->round) {
			options.for_s = 0;
		} else if (option == 'f' && batch->round) {
			options.for_s = read_number(batch, optarg, DAY_S);
		} else if (option == 'e' && batch->round) {
			options.every_s = read_number(batch, optarg, DAY_S);
		} else if (option == 's' && batch->round) {
			options.share = read_number(batch, optarg, 100);
		} else if (option == 'V') {
			puts(PACKAGE_STRING);
			exit(EXIT_SUCCESS);
		} else if (option == 'h') {
			print_usage(stdout, batch);
			exit(EXIT_SUCCESS);
		} else {
			usage_error(batch);
		}
	}
	if (optind < argc)
		usage_error(batch);
	return options;
}

static void
open_log(const struct batch *batch, const struct config *config)
{
	enum log_level level = LOG_LEVEL_INFO;

	(void)log_level_by_name(config->log_level, &level);
	/* The name without "boxoffice-". */
	log_init(strchr(batch->name, '-') + 1, level);
	if (log_open(config->log_file) < 0) {
		fprintf(stderr, "%s: could not open %s: %s\n", batch->name, config->log_file,
			strerror(errno));
		batch_report_alert(batch->name, "could not open the log", strerror(errno));
		exit(EXIT_FAILURE);
	}
}

static void
start(const struct options *options, const struct batch *batch, struct batch_run *run)
{
	static struct failure failure;
	struct arena *arena = arena_new(ARENA_LIMIT);
	struct config *config = NULL;
	struct buf errors;

	buf_init(&errors, arena);
	if (config_read(config_path(options->config), &errors, &config) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		batch_report_alert(batch->name, "the configuration is refused", buf_text(&errors));
		exit(EXIT_CONFIG);
	}
	open_log(batch, config);
	take_signals();
	*run = (struct batch_run){.name = batch->name, .is_verbose = options->is_verbose};
	run->config = config;
	core_init(&run->core, config, NULL, batch->name);
	run->core.arena = arena;
	run->core.failure = &failure;
	failure_init(&failure, arena);
}

void
batch_start(int argc, char **argv, const struct batch *batch, struct batch_run *run)
{
	const struct options options = read_options(argc, argv, batch);

	start(&options, batch, run);
}

void
batch_fini(struct batch_run *run)
{
	core_fini(&run->core);
	config_free(run->config);
	arena_free(run->core.arena);
}

/* --- rounds --- */

void
batch_begin(struct batch_run *run, int64_t timeout_ms)
{
	struct arena *arena = run->core.arena;

	if (is_reopening) {
		is_reopening = 0;
		log_reopen();
	}
	arena_reset(arena);
	failure_init(run->core.failure, arena);
	core_begin(&run->core, arena, run->core.failure, NULL, clock_mono_ms() + timeout_ms);
}

enum err
batch_lock(struct batch_run *run, bool *is_held_r)
{
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	if (run->session != 0 && run->session == db_session(run->core.db)) {
		*is_held_r = true;
		return ERR_OK;
	}
	run->session = 0;
	db_params_init(&params, run->core.arena);
	db_put_text(&params, run->name);
	err = db_read(run->core.db, "session_lock", &params, run->core.arena, run->core.failure,
		      &rows);
	if (err != ERR_OK)
		return err;
	*is_held_r = db_bool(rows, 0, "is_taken");
	if (*is_held_r)
		run->session = db_session(run->core.db);
	return ERR_OK;
}

const char *
batch_reason(const struct batch_run *run)
{
	const struct failure *failure = run->core.failure;
	const char *why = failure->log_detail ? failure->log_detail : failure->detail;

	return why ? why
		   : code_info(failure->code == CODE_NONE ? CODE_INTERNAL : failure->code)->title;
}

void
batch_log_failure(const struct batch_run *run, const char *what)
{
	const struct failure *failure = run->core.failure;
	const bool is_away =
		failure->code != CODE_NONE && code_info(failure->code)->err == ERR_RETRY;

	/* A database that is away is no fault of ours, and the next round makes up for it. */
	log_msg(is_away ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "%s: %s", what, batch_reason(run));
}

/* Rounds until nothing is left, or the lock is gone. */
static enum err
run_pass(const struct batch *batch, struct batch_run *run, int64_t share, bool *is_held_r)
{
	int64_t since_us = clock_mono_us();
	bool has_more = true;
	enum err err = ERR_OK;

	run->rows = 0;
	for (run->is_first = true; has_more && err == ERR_OK && !is_stopping;
	     run->is_first = false) {
		if (!run->is_first)
			batch_pause((clock_mono_us() - since_us) * (100 - share) / share / 1000);
		since_us = clock_mono_us();
		batch_begin(run, ROUND_TIMEOUT_MS);
		err = batch_lock(run, is_held_r);
		if (err != ERR_OK)
			batch_log_failure(run, "could not take the lock");
		else if (!*is_held_r)
			break;
		else if ((err = batch->round(run, &has_more)) != ERR_OK)
			batch_log_failure(run, "a round failed");
	}
	return err;
}

/* A pass and its report; one that was told to stop half way is neither well done nor failed. */
static enum err
report_pass(const struct batch *batch, struct batch_run *run, int64_t share,
	    struct batch_report *report, bool *is_held_r)
{
	const int64_t since_ms = clock_mono_ms();
	const enum err err = run_pass(batch, run, share, is_held_r);

	if ((err != ERR_OK || *is_held_r) && !is_stopping)
		batch_report_pass(report, run->rows, clock_mono_ms() - since_ms,
				  err == ERR_OK ? NULL : batch_reason(run));
	return err;
}

int
batch_main(int argc, char **argv, const struct batch *batch)
{
	const struct options options = read_options(argc, argv, batch);
	const int64_t until_ms = clock_mono_ms() + options.for_s * 1000;
	struct batch_report report;
	struct batch_run run;
	bool is_held = true, is_clean = true;

	start(&options, batch, &run);
	batch_report_init(&report, batch->name, run.config->batch_textfile_dir);
	for (;;) {
		const int64_t next_ms = clock_mono_ms() + options.every_s * 1000;

		if (report_pass(batch, &run, options.share, &report, &is_held) != ERR_OK)
			is_clean = false;
		if (!is_held || is_stopping || next_ms >= until_ms)
			break;
		batch_pause(next_ms - clock_mono_ms());
	}
	if (!is_held) {
		log_info("another one is at work");
		puts("another one is at work");
	}
	batch_fini(&run);
	return is_clean ? EXIT_SUCCESS : EXIT_FAILURE;
}
