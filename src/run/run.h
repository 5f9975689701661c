/*
 * Run: a program that works beside the workers, on its own connection and with the rights of
 * batch_dsn: the jobs and the relay. It is started once and then works in bites, each with an empty
 * arena, no failure on record and a time by which the database must have answered.
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
	struct core core; /* arena and failure are those of the bite */
	struct config *config;
	struct lock lock; /* under the program's name */
	const char *
		name; /* boxoffice-…: of the process, of its log without the prefix, to the database */
	bool is_verbose;
};

/* Reads the configuration ($BOXOFFICE_CONF when `config` is NULL), opens the log and takes the signals.
 * Ends the program when something is wrong: the reason goes to standard error and to syslog. */
void
run_start(struct run *run, const char *name, const char *config, bool is_verbose);

void
run_fini(struct run *run);

/* Before each bite; `timeout_ms` for the database. */
void
run_begin(struct run *run, int64_t timeout_ms);

/* Takes the lock, or makes sure that it is still held. */
MUST_USE enum err
run_lock(struct run *run, bool *is_held_r);

/* Whether the session is still there in which it was taken. */
bool
run_has_lock(const struct run *run);

/* Logs the recorded failure of a bite. */
void
run_log_failure(const struct run *run, const char *what);

#endif
