/*
 * Core: the domain. Knows no HTTP. One struct core per process, one request at a time; its request
 * members are set by core_begin() (or by a batch for each item).
 *
 * Functions of core/ that can fail return enum err with the reason recorded in core->failure, and
 * put what they make into core->arena.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct arena;
struct cache;
struct config;
struct db;
struct secrets;

struct core {
	const struct config *config;
	const struct secrets *secrets;
	struct db *db;      /* the primary */
	struct db *read_db; /* for reads that may lag; may be the same as db */
	struct cache *cache;
	/* of the request */
	struct arena *arena;
	struct failure *failure;
	const char *traceparent; /* goes into the event log; NULL in batches */
};

/* Who asks, and under which Idempotency-Key: what every idempotent write needs. */
struct core_key {
	struct uuid user_id;
	const char *path; /* of the request */
	const char *key;
	const uint8_t *fingerprint; /* CORE_FINGERPRINT_SIZE bytes: a hash of the body */
};

#define CORE_FINGERPRINT_SIZE 32

/* What a program may do in the database: what the DSN allows that its main gives. Its name decides
 * nothing. */
struct core_access {
	const char *application;      /* what the database calls the session */
	const char *dsn;              /* of the primary */
	const char *read_dsn;         /* for reads that may lag; NULL or "": the primary */
	int64_t statement_timeout_ms; /* 0: as configured */
	bool is_tried_once;           /* a call that fails is not repeated */
};

/* Opens nothing: connections are made at first use. */
void
core_init(struct core *core, const struct config *config, const struct secrets *secrets,
	  const struct core_access *access);

/* Connects to the primary now. */
MUST_USE enum err
core_connect(struct core *core);

void
core_fini(struct core *core);

/* The clock of the database, Unix µs. */
MUST_USE enum err
core_now_us(struct core *core, int64_t *now_us_r);

/* Takes a lock of that name, or finds that another session has it: of all programs on one database, on
 * whatever host. It lives as long as the session; asking again keeps it. */
MUST_USE enum err
core_lock(struct core *core, const char *name, bool *is_taken_r);

/* Number of the session in use, 0 when there is none: another one after each reconnect. */
uint32_t
core_session(const struct core *core);

/* Before each request or batch item: where results go, where a failure is recorded, and until when
 * (CLOCK_MONOTONIC ms) the database may be waited for. `traceparent` may be NULL. */
void
core_begin(struct core *core, struct arena *arena, struct failure *failure, const char *traceparent,
	   int64_t deadline_ms);

/* Calls to the database since core_begin() and their time. */
void
core_stat(const struct core *core, uint32_t *calls_r, int64_t *us_r);

#endif
