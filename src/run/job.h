/*
 * Job: a program that cron starts. It gives a struct job with a function for one round of work;
 * job_main() does the rest. A pass is rounds until nothing is left; a loop is passes, one unless told.
 *
 * A job tidies, it never decides, and it may be killed at any moment, repeated, or started on two
 * hosts: the one that does not get the lock ends at once. A round that finds itself in another session
 * of the database asks for the lock again first. Two rounds side by side would be harmless, the lock
 * only saves work.
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
	void *state; /* what the loop carries from round to round, of the program's own type */
	/* Before each pass: what it carries along begins anew. */
	void (*begin_pass)(void *state);
	/* A bite of work. Rounds follow a key, each begins behind the one before: what somebody holds
	 * a lock on is left for the next pass and keeps nothing behind it waiting. */
	enum err (*work)(struct run *run, void *state, struct job_round *round);
};

/* Runs the program: options, lock, passes (again every --every seconds for --for seconds). Returns the
 * exit status: 0, also when another has the lock, which a line on standard output says; 1 when a pass
 * failed; EXIT_USAGE or EXIT_CONFIG. Each pass is told by report.h. */
int
job_main(int argc, char **argv, const struct job *job);

#endif
