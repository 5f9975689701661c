/*
 * Core: the domain. Knows no HTTP. One struct core per process, one request at a time; its request
 * members are set by core_begin() (or by a batch for each item).
 *
 * Functions of core/ that can fail return enum err with the reason recorded in core->failure, and
 * put what they make into core->arena.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

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

/* Opens nothing: connections are made at first use. `role` names the application to the database;
 * the names of batches and the relay begin with "boxoffice-" and connect as batch_dsn says, every
 * other one as dsn and read_dsn. */
void
core_init(struct core *core, const struct config *config, const struct secrets *secrets,
	  const char *role);

void
core_fini(struct core *core);

/* Before each request or batch item: where results go, where a failure is recorded, and until when
 * (CLOCK_MONOTONIC ms) the database may be waited for. `traceparent` may be NULL. */
void
core_begin(struct core *core, struct arena *arena, struct failure *failure, const char *traceparent,
	   int64_t deadline_ms);

/* Calls to the database since core_begin() and their time. */
void
core_stat(const struct core *core, uint32_t *calls_r, int64_t *us_r);

#endif
