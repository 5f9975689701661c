/*
 * Run: a program that works beside the workers, such as a job or the relay. It has its own
 * connection, with the rights of the DSN that its main() gives. It starts once and then works in
 * rounds. Each round has an empty arena, no failure on record and a deadline for the database.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "core/core.h"
#include "run/lock.h"

struct config;

struct run {
	struct core core; /* with the arena and the failure of the round */
	struct config *config;
	struct lock lock; /* under the program's name */
	const char *name; /* of process and session, boxoffice-…; the log drops the prefix */
	bool is_verbose;
};

/* The parameter of the configuration with the DSN that a program works with. */
#define RUN_DSN(parameter) offsetof(struct config, parameter)

/* Reads the configuration, opens the log and installs the signal handlers. A `config` of NULL means
 * $BOXOFFICE_CONF. On an error it writes the reason to standard error and syslog and ends the
 * program. */
void
run_start(struct run *run, const char *name, size_t dsn, const char *config, bool is_verbose);

void
run_fini(struct run *run);

/* Begins a round; the database must answer within `timeout_ms`. */
void
run_begin(struct run *run, int64_t timeout_ms);

/* Takes the lock, or makes sure that it is still held. */
MUST_USE enum err
run_lock(struct run *run, bool *is_held_r);

/* True while the session that took the lock lives. */
bool
run_has_lock(const struct run *run);

/* Logs the failure that the round recorded, after `what`. */
void
run_log_failure(const struct run *run, const char *what);

#endif
