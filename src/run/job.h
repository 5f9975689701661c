/*
 * Job: a program that cron starts. The program fills a struct job with a function for one round of
 * work, and job_main() does the rest. A pass is a series of rounds until nothing is left. A loop is
 * a series of passes: a single one unless the options ask for more.
 *
 * A job only tidies; no decision depends on it. It may be killed at any moment, repeated, or
 * started on two hosts: the job that does not get the lock ends at once. A round that runs in a new
 * database session asks for the lock again. Two rounds side by side would be harmless; the lock
 * only saves work.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "run/run.h"

/* Result of a round. The caller zeroes it. */
struct job_round {
	int64_t rows;  /* handled */
	bool has_more; /* more work is left */
};

struct job {
	const char *name;    /* boxoffice-… : process, lock and application name */
	size_t dsn;          /* RUN_DSN(): what it may do in the database */
	const char *summary; /* what it does, for --help */
	void *state;         /* the job's own struct, carried from round to round */
	/* Called before each pass: resets the carried state. May be NULL. */
	void (*begin_pass)(void *state);
	/* Does one round of work. A round begins after the last key of the previous one, or
	 * searches what the previous one has left. A row that somebody has locked is left to the
	 * next pass, and the rows after it need not wait. */
	enum err (*work)(struct run *run, void *state, struct job_round *round);
};

/* Runs the program: options, lock, passes. Returns the exit status: 0 on success, and also when
 * another process has the lock or the schema is older than the program (a line on standard output
 * says so); 1 when a pass failed;
 * EXIT_USAGE or EXIT_CONFIG. Each pass is reported (run/report.h). */
int
job_main(int argc, char **argv, const struct job *job);

#endif
