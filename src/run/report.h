/*
 * Report: what a job tells about its passes. Figures go into a file NAME.prom of a folder that
 * node_exporter's textfile collector reads; a pass that fails leaves a line in syslog, too.
 *
 * Each process goes on with the counters that it finds in the file, so they rise from run to run. Only
 * the host that has the lock does any work: of several hosts the newest success is the one that counts.
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
	bool is_failing; /* so was the last pass, and it was said */
};

/* `name` and `dir` are borrowed. Reads what an earlier process wrote. */
void
report_init(struct report *report, const char *name, const char *dir);

/* A pass has ended: `rows` handled in `ms`. `why` NULL: it went well; else the first of a row of
 * failures goes to syslog. A file that cannot be written is logged and harms nothing. */
void
report_pass(struct report *report, int64_t rows, int64_t ms, const char *why);

/* Puts `text` in the place of the file of the program `name`; nothing when `dir` is empty. */
void
report_write(const char *name, const char *dir, const char *text);

/* A line in syslog, at the level of errors. Holds no secret. */
void
report_alert(const char *name, const char *what, const char *why);

#endif
