/*
 * What the batches and the relay share: options, configuration, log, connection, lock, signals. A
 * batch gives a struct batch and a function for one round of work; batch_main() does the rest.
 *
 * A batch tidies, it never decides, and it may be killed at any moment, repeated, or started on two
 * hosts: the one that does not get the lock ends at once. The lock lives as long as the database
 * session; a round that finds itself in another session asks for it again first. Two rounds side by
 * side would be harmless, the lock only saves work.
 */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "core/core.h"

struct arena;
struct config;

struct batch_run {
	struct core core; /* as batch_dsn; arena and failure are those of the round */
	struct config *config;
	const char *name; /* of the program, and of its lock */
	bool is_verbose;
	uint32_t session; /* of the database, in which the lock was taken; 0: none */
	bool is_first;    /* round of its pass: what a pass carries along begins anew */
	int64_t rows;     /* handled in this pass; each round adds its own */
};

struct batch {
	const char *name;    /* boxoffice-… : process, lock and application name */
	const char *summary; /* what it does, for --help */
	/* One bite of work, and `run->rows` raised by what was done. `*more_r`: there is more to do at
	 * once. Bites follow a key, each begins behind the one before: what somebody holds a lock on is
	 * left for the next pass and keeps nothing behind it waiting. */
	enum err (*round)(struct batch_run *run, bool *more_r);
};

/* Runs the program: options, lock, passes: rounds until nothing is left (again every --every seconds
 * for --for seconds). Returns the exit status: 0, also when another has the lock, which a line on
 * standard output says; 1 when a pass failed, 2 for wrong options, 78 for a wrong configuration. Each
 * pass is told by batch_report.h. */
int
batch_main(int argc, char **argv, const struct batch *batch);

/* --- the parts, for the relay, which lives on --- */

/* Reads --config and --verbose (and nothing else), the configuration, opens the log and takes the
 * signals. Ends the program when something is wrong. */
void
batch_start(int argc, char **argv, const struct batch *batch, struct batch_run *run);

void
batch_fini(struct batch_run *run);

/* Before each bite: an empty arena, no failure, `timeout_ms` for the database. */
void
batch_begin(struct batch_run *run, int64_t timeout_ms);

/* Takes the lock, or makes sure that it is still held. */
MUST_USE enum err
batch_lock(struct batch_run *run, bool *is_held_r);

/* True once SIGTERM or SIGINT came. A second later the process ends wherever it is: what is under
 * way in the database is done there or rolled back. */
bool
batch_is_stopping(void);

/* Sleeps; wakes up early to stop. */
void
batch_pause(int64_t ms);

/* Why the bite failed, for the log. */
const char *
batch_reason(const struct batch_run *run);

/* Logs the recorded failure of a bite. */
void
batch_log_failure(const struct batch_run *run, const char *what);

#endif
