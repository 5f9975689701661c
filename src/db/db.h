/*
 * Database: one libpq connection that reconnects by itself. It offers two kinds of call, and each
 * is one round trip:
 *
 *   db_call()  a stored function, the only way to write: one row (outcome text, result json)
 *   db_read()  a named read statement of sql/reads
 *
 * The first use of a statement on a connection prepares it.
 *
 * Both wait with poll(2) until the deadline. They repeat a call (bounded, with jitter) after 40001,
 * 40P01 and a connection lost before the call was sent. They also repeat it when the connection was
 * lost after that: every function here may be called twice with the same ids, which the caller
 * makes. When that repeat is impossible, the result is ERR_UNKNOWN for calls and ERR_RETRY for
 * reads. A process creates its own after fork; it is neither shared nor inherited.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct arena;
struct db;

struct db_options {
	const char *dsn;         /* borrowed as long as the db lives */
	const char *application; /* application_name */
	int64_t connect_timeout_ms;
	int64_t statement_timeout_ms;
	int64_t lock_timeout_ms;
	int64_t retries;
	/* The newest migration that must be there; 0: any will do. On an older schema the database
	 * counts as away until it has it. */
	int64_t schema_version;
};

/* Why libpq would refuse this connection string, NULL when it takes it. It connects to nothing and
 * resolves no name. The reason quotes no password. */
const char *
db_dsn_problem(const char *dsn, struct arena *arena);

/* Opens no connection. The first call connects. */
struct db *
db_new(const struct db_options *options);

void
db_free(struct db *db);

/* Sets the deadline (clock_mono_ms()) of all following calls. Call it for each request. */
void
db_set_deadline(struct db *db, int64_t mono_ms);

/* Calls and microseconds since db_stat_reset(), for Server-Timing and the log. */
struct db_stat {
	uint32_t calls;
	int64_t us;
};
void
db_stat_reset(struct db *db);
struct db_stat
db_stat(const struct db *db);

/* Parameters are always bound and sent as text. Texts are borrowed until the call returns. */
struct db_params {
	struct arena *arena;
	const char *values[24];
	size_t count;
};
void
db_params_init(struct db_params *params, struct arena *arena);
void
db_put_text(struct db_params *params, const char *text); /* NULL: SQL null */
void
db_put_i64(struct db_params *params, int64_t number);
void
db_put_i64_or_null(struct db_params *params, const int64_t *number); /* NULL: SQL null */
void
db_put_bool(struct db_params *params, bool value);
void
db_put_uuid(struct db_params *params, const struct uuid *uuid); /* NULL: SQL null */
void
db_put_bytes(struct db_params *params, const void *data, size_t len); /* bytea; NULL: null */
void
db_put_time(struct db_params *params, int64_t unix_s); /* timestamptz */
void
db_put_i64s(struct db_params *params, const int64_t *items, size_t count); /* int[] or bigint[] */
void
db_put_uuids(struct db_params *params, const struct uuid *items, size_t count); /* uuid[] */
/* text[] and the like; NULL: SQL null */
void
db_put_texts(struct db_params *params, const char *const *items, size_t count);
/* As a count of texts: items[0] is the whole array in the form that a read gave. */
#define DB_TEXTS_AS_READ SIZE_MAX

/*
 * `function` is the qualified name ("show.hold_take"), a string constant. `outcome_r` is the
 * function's word ("ok", "replay" or the name of a code). `result_r` is its json as text, NULL for
 * SQL null. Both live in the arena. Errors are recorded in `failure`: constraint names map to codes
 * (dberr.c), an absent database is 503 unavailable, and anything else is 500 with the text in the
 * log only.
 */
MUST_USE enum err
db_call(struct db *db, const char *function, const struct db_params *params, struct arena *arena,
	struct failure *failure, const char **outcome_r, const char **result_r);

/* The rows of a read. Values are borrowed from the rows, which live as long as the arena. */
struct db_rows;

/* `name` is the file name in sql/reads without ".sql". */
MUST_USE enum err
db_read(struct db *db, const char *name, const struct db_params *params, struct arena *arena,
	struct failure *failure, const struct db_rows **rows_r);

size_t
db_rows_count(const struct db_rows *rows);
/* A column by name. An unknown name is a bug. NULL for SQL null. */
const char *
db_text(const struct db_rows *rows, size_t row, const char *column);
size_t
db_length(const struct db_rows *rows, size_t row, const char *column);
int64_t
db_i64(const struct db_rows *rows, size_t row, const char *column); /* null: 0 */
bool
db_bool(const struct db_rows *rows, size_t row, const char *column);
bool
db_is_null(const struct db_rows *rows, size_t row, const char *column);
bool
db_uuid(const struct db_rows *rows, size_t row, const char *column, struct uuid *uuid_r);

/* --- for boxofficectl only --- */

/* Runs a text of several statements (a migration file) as one transaction. */
MUST_USE enum err
db_script(struct db *db, const char *text, struct failure *failure);

/* The calls between begin and commit are one transaction. A lost connection ends the transaction,
 * and calls after the loss run on their own. The commit then fails, as it does after an error in
 * between. */
MUST_USE enum err
db_begin(struct db *db, struct failure *failure);
MUST_USE enum err
db_commit(struct db *db, struct failure *failure);

/* Rows of one statement given as text (an audit). It has no parameters and is not prepared. */
MUST_USE enum err
db_query(struct db *db, const char *text, struct arena *arena, struct failure *failure,
	 const struct db_rows **rows_r);

/* --- the connection --- */

/* The number of the current session, 0 without one. It changes with each reconnect. For callers
 * that keep something in a session, as the relay keeps its lock. */
uint32_t
db_session(const struct db *db);

/* True when the last connection attempt succeeded and the connection has not been lost since. */
bool
db_is_connected(const struct db *db);

/* The SQLSTATE with which the server refused the last attempt to connect; "" when it let us in or
 * nobody answered. */
const char *
db_refusal(const struct db *db);

/* True when the server did not let us in at the last attempt to connect: it knows no such role,
 * password or database, or pg_hba.conf has no line for us. It is not away, and nothing changes
 * until somebody acts. */
bool
db_is_refused(const struct db *db);

/* True when the last attempt to connect found a schema older than schema_version, or none. */
bool
db_is_schema_older(const struct db *db);

/* Connects now, if necessary. */
MUST_USE enum err
db_connect(struct db *db, struct failure *failure);

#endif
