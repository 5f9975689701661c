/*
 * Report: how a job reports its passes. Figures go into a file NAME.prom in a folder that
 * node_exporter's textfile collector reads. A pass that fails also leaves a line in syslog.
 *
 * Each process continues the counters that it finds in the file, so they rise from run to run. Only
 * the host that has the lock works: among several hosts the newest success counts.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum report_figure {
	REPORT_FIGURE_SUCCESS,
	REPORT_FIGURE_ROWS,
	REPORT_FIGURE_DURATION,
	REPORT_FIGURE_FAILURES,
	REPORT_FIGURE_MAX
};

struct report {
	const char *name; /* of the program, boxoffice-… */
	const char *dir;  /* empty: no figures are kept */
	int64_t figures[REPORT_FIGURE_MAX];
	bool is_failing; /* the last pass failed, and syslog has been told */
};

/* `name` and `dir` are borrowed. Reads what an earlier process wrote. */
void
report_init(struct report *report, const char *name, const char *dir);

/* Reports a pass that handled `rows` in `ms`. `why` is NULL when it succeeded. The first of
 * several failures in a row goes to syslog. A file that cannot be written is logged and harms
 * nothing. */
void
report_pass(struct report *report, int64_t rows, int64_t ms, const char *why);

/* Replaces the file of the program `name` with `text`. Does nothing when `dir` is empty. */
void
report_write(const char *name, const char *dir, const char *text);

/* Writes a line to syslog, at the level of errors. It must hold no secret. */
void
report_alert(const char *name, const char *what, const char *why);

#endif
