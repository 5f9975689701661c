/* Options of programs, and what jobs tell of their passes. syslog(3) is the test's own here: it
 * keeps what it is given. */
#include <config.h>

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "run/exit.h"
#include "run/options.h"
#include "run/report.h"
#include "unit.h"

#define NAME "boxoffice-test"

static struct {
	int count;
	int priority;
	char ident[64];
	char text[256];
} said;

void
openlog(const char *ident, int option, int facility)
{
	UNIT_I64(LOG_DAEMON, facility);
	UNIT_TRUE(option & LOG_PID);
	snprintf(said.ident, sizeof(said.ident), "%s", ident);
}

void
closelog(void)
{
}

static void
keep(int priority, const char *format, va_list args)
{
	said.count++;
	said.priority = priority;
	vsnprintf(said.text, sizeof(said.text), format, args);
}

#undef syslog
void
syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep(priority, format, args);
	va_end(args);
}

/* What syslog() becomes where the compiler hardens. */
void
__syslog_chk(int priority, int flag, const char *format, ...);
void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	keep(priority, format, args);
	va_end(args);
}

static const char *
path_of(const char *suffix)
{
	return arena_printf(unit_arena(), "%s/" NAME ".prom%s", unit_dir(), suffix);
}

static void
begin(struct report *report)
{
	memset(&said, 0, sizeof(said));
	unlink(path_of(""));
	report_init(report, NAME, unit_dir());
}

static void
test_figures(void)
{
	const int64_t before_s = clock_wall_us() / 1000000;
	struct report report;
	long long success_s = 0;
	const char *text;

	begin(&report);
	report_pass(&report, 7, 1234, NULL);
	text = unit_read(path_of(""));
	UNIT_CONTAINS("# HELP boxoffice_batch_rows_total ", text);
	UNIT_CONTAINS("# TYPE boxoffice_batch_rows_total counter\n"
		      "boxoffice_batch_rows_total{batch=\"test\"} 7\n",
		      text);
	UNIT_CONTAINS("# TYPE boxoffice_batch_duration_seconds gauge\n"
		      "boxoffice_batch_duration_seconds{batch=\"test\"} 1.234\n",
		      text);
	UNIT_CONTAINS("boxoffice_batch_failures_total{batch=\"test\"} 0\n", text);
	UNIT_I64(1, sscanf(strstr(text, "\nboxoffice_batch_last_success_timestamp_seconds{"),
			   "\nboxoffice_batch_last_success_timestamp_seconds{batch=\"test\"} %lld",
			   &success_s));
	UNIT_TRUE(success_s >= before_s && success_s <= clock_wall_us() / 1000000);
	UNIT_I64(0, said.count);
}

static void
test_next_process_goes_on(void)
{
	struct report report;

	begin(&report);
	report.figures[REPORT_FIGURE_SUCCESS] = 5;
	report_pass(&report, 7, 1, "it was away");
	report_init(&report, NAME, unit_dir());
	report_pass(&report, 3, 1, "it was away");
	UNIT_CONTAINS("boxoffice_batch_rows_total{batch=\"test\"} 10\n", unit_read(path_of("")));
	UNIT_CONTAINS("boxoffice_batch_failures_total{batch=\"test\"} 2\n", unit_read(path_of("")));
	/* The last success was another process's. */
	UNIT_CONTAINS("seconds{batch=\"test\"} 5\n", unit_read(path_of("")));
}

static void
test_readers_see_whole_files(void)
{
	const mode_t mask = umask(077);
	struct report report;
	struct stat old, new;

	begin(&report);
	report_pass(&report, 1, 1, NULL);
	UNIT_I64(0, stat(path_of(""), &old));
	report_pass(&report, 1, 1, NULL);
	umask(mask);
	UNIT_I64(0, stat(path_of(""), &new));
	/* Another file in its place, and none beside it. */
	UNIT_TRUE(old.st_ino != new.st_ino);
	UNIT_I64(0644, new.st_mode & 0777);
	UNIT_I64(-1, access(path_of(".new"), F_OK));
}

static void
test_no_folder(void)
{
	struct report report;
	const char *log = arena_printf(unit_arena(), "%s/log", unit_dir());

	memset(&said, 0, sizeof(said));
	unlink(log);
	UNIT_I64(0, log_open(log));
	report_init(&report, NAME, "");
	report_pass(&report, 1, 1, NULL);
	UNIT_TEXT("", unit_read(log));
	report_init(&report, NAME, "/nowhere");
	report_pass(&report, 1, 1, NULL);
	UNIT_CONTAINS("could not write /nowhere/" NAME ".prom", unit_read(log));
	UNIT_I64(0, said.count);
	UNIT_I64(0, log_open("-"));
}

static void
test_syslog(void)
{
	struct report report;

	begin(&report);
	report_pass(&report, 1, 1, NULL);
	UNIT_I64(0, said.count);
	report_pass(&report, 1, 1, "100% of it");
	report_pass(&report, 1, 1, "again");
	UNIT_I64(1, said.count);
	UNIT_I64(LOG_ERR, said.priority);
	UNIT_TEXT(NAME, said.ident);
	UNIT_TEXT("a pass failed: 100% of it", said.text);
	report_pass(&report, 1, 1, NULL);
	report_pass(&report, 1, 1, "once more");
	UNIT_I64(2, said.count);
}

/* --- options --- */

static struct {
	bool is_loud;
	const char *name;
	int64_t count;
	struct option_words words;
	const char *config;
} got;

static void
read_line(void *line)
{
	static const struct option_row rows[] = {
		{.name = "loud", .letter = 'l', .value = &got.is_loud},
		{.name = "old"},
		{.name = "name", .kind = OPTION_TEXT, .value = &got.name},
		{.name = "count", .kind = OPTION_NUMBER, .value = &got.count, .most = 100},
		{.name = "none", .kind = OPTION_ZERO, .value = &got.count},
		{.name = "word", .letter = 'w', .kind = OPTION_WORDS, .value = &got.words},
		{.name = NULL},
	};
	const struct options options = {.program = "test", .synopsis = "", .rows = rows};
	char *argv[160] = {arena_strdup(unit_arena(), "test")};
	char *rest = arena_strdup(unit_arena(), line), *word;
	int argc = 1;

	while ((word = strsep(&rest, " ")) && argc < 159)
		argv[argc++] = word;
	memset(&got, 0, sizeof(got));
	optind = 0; /* begin anew */
	got.config = options_read(argc, argv, &options);
}

static void
take(const char *line)
{
	read_line(arena_strdup(unit_arena(), line));
}

static void
test_options_are_taken(void)
{
	take("--config FILE -l --old --name a --name=b --count 100 -w one --word two");
	UNIT_TEXT("FILE", got.config);
	UNIT_TRUE(got.is_loud);
	UNIT_TEXT("b", got.name);
	UNIT_I64(100, got.count);
	UNIT_I64(2, got.words.count);
	UNIT_TEXT("two", got.words.items[1]);
	take("-cFILE --count 7 --none");
	UNIT_TEXT("FILE", got.config);
	UNIT_FALSE(got.is_loud);
	UNIT_I64(0, got.count);
	take("--none --count 7");
	UNIT_TEXT(NULL, got.config);
	UNIT_I64(7, got.count);
}

static void
test_wrong_options_are_refused(void)
{
	static char lines[][16] = {
		"--count 0",  "--count 101", "--count -1", "--count x", "--count", "--name",
		"--loud=yes", "--unknown",   "-x",         "word",      "-c",
	};
	struct buf many;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		unit_row(lines[i]);
		UNIT_I64(-EXIT_USAGE, unit_ends_by(read_line, lines[i]));
	}
	buf_init(&many, unit_arena());
	for (size_t i = 0; i < OPTION_WORDS_MAX; i++)
		buf_puts(&many, i == 0 ? "-w x" : " -w x");
	unit_row("as many words as fit");
	UNIT_I64(0, unit_ends_by(read_line, many.data));
	buf_puts(&many, " -w x");
	unit_row("a word more");
	UNIT_I64(-EXIT_USAGE, unit_ends_by(read_line, many.data));
}

int
main(void)
{
	static const struct unit_case cases[] = {
		{"a pass leaves its figures", test_figures},
		{"the next process goes on with the counters", test_next_process_goes_on},
		{"whoever reads finds a whole file", test_readers_see_whole_files},
		{"without a folder nothing is kept and nothing breaks", test_no_folder},
		{"the first failure of a row goes to syslog, a success does not", test_syslog},
		{NULL, NULL},
	};
	static const struct unit_case option_cases[] = {
		{"options of every kind are taken, the last one counts", test_options_are_taken},
		{"wrong options end the program with status 2", test_wrong_options_are_refused},
		{NULL, NULL},
	};
	static const struct unit_suite suites[] = {
		{"report", cases}, {"options", option_cases}, {NULL, NULL}};

	return unit_run(suites);
}
