/* The log. */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "test_base.h"

static const char *
log_path(const char *name)
{
	return arena_printf(unit_arena(), "%s/%s", unit_dir(), name);
}

/* A fresh log at `name`, with everything from info upwards. */
static const char *
open_log(const char *name)
{
	const char *path = log_path(name);

	remove(path);
	log_init("test", LOG_LEVEL_INFO);
	UNIT_I64(0, log_open(path));
	return path;
}

static void
close_log(void)
{
	log_open("-");
}

static void
a_line_is_a_json_object_with_its_members(void)
{
	const char *path = open_log("members.log");
	const char *text;

	log_members(LOG_LEVEL_WARN, "slow", "\"ms\":3,\"route\":\"GET /\"");
	log_members(LOG_LEVEL_WARN, "bare", "");
	close_log();
	text = unit_read(path);
	UNIT_TRUE(text && strncmp(text, "{\"ts\":\"20", 9) == 0);
	UNIT_CONTAINS("Z\",\"level\":\"warn\",\"proc\":\"test\",\"pid\":", text);
	UNIT_CONTAINS(",\"msg\":\"slow\",\"ms\":3,\"route\":\"GET /\"}\n", text);
	UNIT_CONTAINS(",\"msg\":\"bare\"}\n", text);
}

static void
what_json_cannot_hold_is_escaped(void)
{
	const char *path = open_log("escaped.log");

	log_info("a\"b\\c\nd\te %s", "\xed\x95\x9c \xff \xed\xa0\x80 \xed\x95");
	close_log();
	UNIT_CONTAINS("\"msg\":\"a\\\"b\\\\c\\u000ad\\u0009e \xed\x95\x9c \\ufffd "
		      "\\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\"}\n",
		      unit_read(path));
}

static void
lines_below_the_level_are_not_written(void)
{
	const char *path = open_log("level.log");

	log_debug("not this");
	log_info("but this");
	log_init("test", LOG_LEVEL_ERROR);
	log_warn("nor that");
	close_log();
	UNIT_TRUE(strstr(unit_read(path), "not this") == NULL);
	UNIT_CONTAINS("but this", unit_read(path));
	UNIT_TRUE(strstr(unit_read(path), "nor that") == NULL);
	log_init("test", LOG_LEVEL_INFO);
}

static void
a_line_that_is_too_long_is_cut_and_stays_valid(void)
{
	const char *path = open_log("long.log");
	char *text = arena_alloc(unit_arena(), 100001);
	const char *line;

	memset(text, '\1', 100000);
	log_info("%s", text);
	log_members(LOG_LEVEL_INFO, "many", text);
	close_log();
	line = unit_read(path);
	UNIT_CONTAINS("\\u0001\"}\n", line);
	UNIT_CONTAINS("\"msg\":\"many\",\"cut\":true}\n", line);
}

static void
a_rotated_log_is_opened_anew(void)
{
	const char *path = open_log("rotated.log");
	const char *old = log_path("rotated.log.1");

	log_info("first");
	UNIT_I64(0, rename(path, old));
	log_info("second");
	log_reopen();
	log_info("third");
	close_log();
	UNIT_CONTAINS("second", unit_read(old));
	UNIT_TRUE(strstr(unit_read(old), "third") == NULL);
	UNIT_CONTAINS("third", unit_read(path));
}

static void
a_log_that_cannot_be_opened_leaves_the_old_one(void)
{
	const char *path = open_log("kept.log");

	UNIT_I64(-1, log_open("/nowhere/at/all.log"));
	log_info("still here");
	close_log();
	UNIT_CONTAINS("still here", unit_read(path));
}

static void
lines_of_several_processes_do_not_mix(void)
{
	const char *path = open_log("mixed.log");
	char *filler = arena_alloc(unit_arena(), 2001);
	int lines = 0, whole = 0;
	char *text, *line;

	memset(filler, 'x', 2000);
	for (int child = 0; child < 4; child++) {
		if (fork() != 0)
			continue;
		log_reopen(); /* a descriptor of its own */
		for (int i = 0; i < 200; i++)
			log_info("%d %s", child, filler);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	close_log();
	text = arena_strdup(unit_arena(), unit_read(path));
	while ((line = strsep(&text, "\n")) && line[0] != '\0') {
		size_t len = strlen(line);

		lines++;
		whole += strncmp(line, "{\"ts\":", 6) == 0 && len > 2000 &&
			 strcmp(line + len - 3, "x\"}") == 0 && !strstr(line + 1, "{");
	}
	UNIT_I64(800, lines);
	UNIT_I64(800, whole);
}

/* Standard error is a pipe that nobody reads: the log must not wait, and tells what is missing. */
static void
a_reader_that_is_behind_stops_nobody(void)
{
	char *text = arena_alloc(unit_arena(), 1 << 20);
	const int saved = dup(STDERR_FILENO);
	size_t len = 0;
	ssize_t got;
	int ends[2];

	UNIT_I64(0, pipe(ends));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	dup2(ends[1], STDERR_FILENO);
	log_init("test", LOG_LEVEL_INFO);
	log_open("-");
	alarm(10); /* ends a process that waits */
	for (int i = 0; i < 2000; i++)
		log_info("line %d of those that fill the pipe", i);
	alarm(0);
	while ((got = read(ends[0], text + len, (1 << 20) - 1 - len)) > 0)
		len += (size_t)got;
	log_info("the reader is back");
	while ((got = read(ends[0], text + len, (1 << 20) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	dup2(saved, STDERR_FILENO);
	log_open("-");
	close(saved);
	close(ends[0]);
	close(ends[1]);
	UNIT_CONTAINS("line 0 of", text);
	UNIT_TRUE(strstr(text, "line 1999 of") == NULL);
	UNIT_CONTAINS("the reader is back", text);
	UNIT_CONTAINS(" lines of the log were lost", text);
	UNIT_TRUE(strcmp(text + len - 2, "}\n") == 0);
}

static void
levels_have_names(void)
{
	enum log_level level = LOG_LEVEL_MAX;

	UNIT_TRUE(log_level_by_name("debug", &level));
	UNIT_I64(LOG_LEVEL_DEBUG, level);
	UNIT_TRUE(log_level_by_name("error", &level));
	UNIT_I64(LOG_LEVEL_ERROR, level);
	UNIT_FALSE(log_level_by_name("ERROR", &level));
	UNIT_FALSE(log_level_by_name("", &level));
}

const struct unit_case log_cases[] = {
	{"a line is a JSON object with its members", a_line_is_a_json_object_with_its_members},
	{"what JSON cannot hold is escaped", what_json_cannot_hold_is_escaped},
	{"lines below the level are not written", lines_below_the_level_are_not_written},
	{"a line that is too long is cut and stays valid",
	 a_line_that_is_too_long_is_cut_and_stays_valid},
	{"a rotated log is opened anew", a_rotated_log_is_opened_anew},
	{"a log that cannot be opened leaves the old one",
	 a_log_that_cannot_be_opened_leaves_the_old_one},
	{"lines of several processes do not mix", lines_of_several_processes_do_not_mix},
	{"a reader that is behind stops nobody", a_reader_that_is_behind_stops_nobody},
	{"levels have names", levels_have_names},
	{NULL, NULL},
};
