/*
 * Run: a program that works beside the workers, a job or the relay, with its own connection and the
 * rights of batch_dsn. It is started once and then works in rounds, each with an empty arena, no
 * failure on record and a deadline for the database.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "core/core.h"
#include "run/lock.h"

struct config;

struct run {
	struct core core; /* arena and failure are those of the round */
	struct config *config;
	struct lock lock; /* under the program's name */
	const char *name; /* of process and session, boxoffice-…; the log has it without that */
	bool is_verbose;
};

/* Reads the configuration, opens the log and takes the signals. A `config` of NULL is
 * $BOXOFFICE_CONF. On an error it ends the program and gives the reason on standard error and in
 * syslog. */
void
run_start(struct run *run, const char *name, const char *config, bool is_verbose);

void
run_fini(struct run *run);

/* Begins a round; the database must answer within `timeout_ms`. */
void
run_begin(struct run *run, int64_t timeout_ms);

/* Takes the lock, or makes sure that it is still held. */
MUST_USE enum err
run_lock(struct run *run, bool *is_held_r);

/* True while the session lives in which it was taken. */
bool
run_has_lock(const struct run *run);

/* Logs the failure that the round recorded, behind `what`. */
void
run_log_failure(const struct run *run, const char *what);

#endif
