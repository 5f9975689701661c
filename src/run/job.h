/*
 * Job: a program that cron starts. It gives a struct job with a function for one round of work;
 * job_main() does the rest. A pass is made of rounds until nothing is left. A loop is made of
 * passes: one, unless the options ask for more.
 *
 * A job tidies and never decides. It may be killed at any moment, repeated, or started on two
 * hosts: the one that does not get the lock ends at once. A round that finds itself in another
 * session of the database asks for the lock again. Two rounds side by side would be harmless; the
 * lock only saves work.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "run/run.h"

/* What a round came to; zeroed before it. */
struct job_round {
	int64_t rows;  /* handled */
	bool has_more; /* there is more to do at once */
};

struct job {
	const char *name;    /* boxoffice-… : process, lock and application name */
	const char *summary; /* what it does, for --help */
	void *state;         /* what is carried from round to round, of a type of the job */
	/* Called before each pass: resets what a pass carries along. May be NULL. */
	void (*begin_pass)(void *state);
	/* Does one round of work. Each round begins behind the key that the one before came to:
	 * a row that somebody has locked is left for the next pass and keeps nothing behind it
	 * waiting. */
	enum err (*work)(struct run *run, void *state, struct job_round *round);
};

/* Runs the program: options, lock, passes. Returns the exit status: 0, also when another process
 * has the lock, which a line on standard output says; 1 when a pass failed; EXIT_USAGE or
 * EXIT_CONFIG. Each pass is reported (run/report.h). */
int
job_main(int argc, char **argv, const struct job *job);

#endif
