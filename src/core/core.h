/*
 * Core: the domain. It knows no HTTP. A process has one struct core and serves one request at a
 * time. core_begin() sets the request members; a job calls it for each round or item.
 *
 * A function of core/ that can fail returns enum err and records the reason in core->failure.
 * Results live in core->arena.
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
	/* of the request in hand */
	struct arena *arena;
	struct failure *failure;
	const char *traceparent; /* goes into the event log; NULL in jobs */
	bool is_till; /* the client is a till: one account buys for many; core_begin(): false */
};

/* The caller and the Idempotency-Key. Every idempotent write needs both. */
struct core_key {
	struct uuid user_id;
	const char *path;           /* of the request in hand */
	const char *key;            /* NULL: the client sent none */
	const uint8_t *fingerprint; /* CORE_FINGERPRINT_SIZE bytes: a hash of the body */
	/* The name of the request where the key is optional: a hash of user, path and key, so that
	 * it is the same when the key comes again. Without a key it is random, and only a call that
	 * is repeated because its answer was lost has it again. */
	struct uuid request_id;
};

#define CORE_FINGERPRINT_SIZE 32

/* Sets request_id from the other members. */
void
core_key_name(struct core_key *key, struct arena *arena);

/* The database access of one program. The DSN in use decides what the program may do; the program's
 * name decides nothing. */
struct core_access {
	const char *application;      /* the name of the session in the database */
	const char *dsn;              /* of the primary */
	const char *read_dsn;         /* for reads that may lag; NULL or "": use the primary */
	int64_t statement_timeout_ms; /* 0: use the configured value; also bounds connecting */
	int64_t lock_timeout_ms;      /* 0: use the configured value */
	bool is_tried_once;           /* true: do not repeat a call that failed */
	bool is_any_schema;           /* true: work on an older schema too, as what migrates it */
};

/* Opens no connection. The first use of a connection opens it. */
void
core_init(struct core *core, const struct config *config, const struct secrets *secrets,
	  const struct core_access *access);

/* The same context for a call whose failure does not matter: the record goes to `aside` and leaves
 * that of the request alone. */
struct core
core_aside(const struct core *core, struct failure *aside);

/* Connects to the primary now. */
MUST_USE enum err
core_connect(struct core *core);

/* True while there is a session with the primary, as far as one can tell without asking. */
bool
core_is_connected(const struct core *core);

/* After core_connect() has failed: true when a server answered and it has no such database. */
bool
core_is_database_missing(const struct core *core);

/* True when the schema of the primary is older than this program needs (core/ready.h), or there is
 * none. Until that is mended every call fails as it does without a database. The reason has been
 * logged. */
bool
core_is_schema_older(const struct core *core);

/* Asks each server of the cache. Returns a line for each that does not answer, "" when all do. */
const char *
core_cache_trouble(const struct core *core);

void
core_fini(struct core *core);

/* The clock of the database in Unix µs. */
MUST_USE enum err
core_now_us(struct core *core, int64_t *now_us_r);

/* Takes the lock of that name, or finds that another session has it. Locks are shared by all
 * programs on one database, on any host. A lock lives as long as the session; asking again keeps
 * it. */
MUST_USE enum err
core_lock(struct core *core, const char *name, bool *is_taken_r);

/* The number of the current session, 0 without one. It changes with each reconnect. */
uint32_t
core_session(const struct core *core);

/* Call this before each request, or round of a job. It sets where results go, where a failure is
 * recorded, and the deadline (clock_mono_ms()) of waits for the database. `traceparent` may be
 * NULL. */
void
core_begin(struct core *core, struct arena *arena, struct failure *failure, const char *traceparent,
	   int64_t deadline_ms);

/* Starts a trace for a command, which has no request. */
void
core_trace(struct core *core);

/* The number of database calls since core_begin(), and the time they took. */
void
core_stat(const struct core *core, uint32_t *calls_r, int64_t *us_r);

#endif
