#include "config.h"

#include "run/report.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_BYTES 512

static const struct {
	const char *name;
	const char *type;
	const char *help;
	bool is_ms; /* stored in milliseconds, printed in seconds */
} kinds[REPORT_FIGURE_MAX] = {
	[REPORT_FIGURE_SUCCESS] = {"boxoffice_batch_last_success_timestamp_seconds", "gauge",
				   "When the batch last ended a pass without a failure; of several "
				   "hosts the newest counts.",
				   false},
	[REPORT_FIGURE_ROWS] = {"boxoffice_batch_rows_total", "counter",
				"Rows that the batch has ended, settled or deleted.", false},
	[REPORT_FIGURE_DURATION] = {"boxoffice_batch_duration_seconds", "gauge",
				    "How long the last pass of the batch took.", true},
	[REPORT_FIGURE_FAILURES] = {"boxoffice_batch_failures_total", "counter",
				    "Passes of the batch that failed.", false},
};

/* The name without "boxoffice-". */
static const char *
label(const struct report *report)
{
	return strchr(report->name, '-') + 1;
}

static bool
is_kept(const char *name, const char *dir, char path_r[PATH_MAX])
{
	return dir[0] != '\0' && snprintf(path_r, PATH_MAX, "%s/%s.prom", dir, name) < PATH_MAX - 4;
}

static void
read_line(struct report *report, const char *line)
{
	for (int i = 0; i < REPORT_FIGURE_MAX; i++) {
		const size_t len = strlen(kinds[i].name);
		const char *value = strrchr(line, ' ');

		if (strncmp(line, kinds[i].name, len) == 0 && line[len] == '{' && value != NULL)
			report->figures[i] = strtoll(value, NULL, 10) * (kinds[i].is_ms ? 1000 : 1);
	}
}

void
report_init(struct report *report, const char *name, const char *dir)
{
	char path[PATH_MAX], line[LINE_MAX_BYTES];
	FILE *file;

	*report = (struct report){.name = name, .dir = dir};
	if (!is_kept(name, dir, path) || (file = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		read_line(report, line);
	fclose(file);
}

/* Returns the text of the file, allocated; NULL without memory. */
static char *
print_figures(const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL)
		return NULL;
	for (int i = 0; i < REPORT_FIGURE_MAX; i++) {
		const int64_t figure = report->figures[i];

		fprintf(file, "# HELP %s %s\n# TYPE %s %s\n%s{batch=\"%s\"} ", kinds[i].name,
			kinds[i].help, kinds[i].name, kinds[i].type, kinds[i].name, label(report));
		if (kinds[i].is_ms)
			fprintf(file, "%" PRId64 ".%03d\n", figure / 1000, (int)(figure % 1000));
		else
			fprintf(file, "%" PRId64 "\n", figure);
	}
	fclose(file);
	return text;
}

/* Writes a new file and then renames it: a reader finds the old figures or the new ones. The
 * collector reads only names that end in .prom. */
static bool
write_file(const char *path, const char *text)
{
	char beside[PATH_MAX + 4];
	bool is_written;
	FILE *file;

	snprintf(beside, sizeof(beside), "%s.new", path);
	file = fopen(beside, "we");
	if (file == NULL)
		return false;
	fputs(text, file);
	/* The collector runs as another user, so the umask must not matter. */
	is_written = fchmod(fileno(file), 0644) == 0 && !ferror(file);
	return fclose(file) == 0 && is_written && rename(beside, path) == 0;
}

void
report_write(const char *name, const char *dir, const char *text)
{
	char path[PATH_MAX];

	if (is_kept(name, dir, path) && !write_file(path, text))
		log_error("could not write %s: %s", path, strerror(errno));
}

void
report_pass(struct report *report, int64_t rows, int64_t ms, const char *why)
{
	char *text;

	report->figures[REPORT_FIGURE_ROWS] += rows;
	report->figures[REPORT_FIGURE_DURATION] = ms;
	if (why == NULL)
		report->figures[REPORT_FIGURE_SUCCESS] = clock_wall_us() / 1000000;
	else
		report->figures[REPORT_FIGURE_FAILURES]++;
	if (why != NULL && !report->is_failing)
		report_alert(report->name, "a pass failed", why);
	report->is_failing = why != NULL;
	text = print_figures(report);
	if (text != NULL)
		report_write(report->name, report->dir, text);
	free(text);
}

void
report_alert(const char *name, const char *what, const char *why)
{
	openlog(name, LOG_PID, LOG_DAEMON);
	syslog(LOG_ERR, "%s: %s", what, why);
	closelog();
}
