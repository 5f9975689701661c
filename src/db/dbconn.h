/*
 * One connection: opened when needed, asked without blocking, closed at any surprise. Knows nothing
 * of what is asked. Private to db/.
 */
#ifndef DB_DBCONN_H
#define DB_DBCONN_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

struct db_options;

struct dbconn {
	const struct db_options *options;
	char *session;           /* settings of the session, as libpq's "options" */
	PGconn *pg;              /* NULL when closed */
	uint32_t number;         /* of connections made so far */
	int64_t next_attempt_ms; /* after a failed attempt: none before */
	bool is_block;           /* between BEGIN and COMMIT; false again when closed */
	bool is_away;            /* the last attempt failed: log once */
	char trouble[256];       /* why it is away or was lost, for the log */
};

enum dbconn_state {
	DBCONN_ROWS,   /* all went well, at Sync too */
	DBCONN_ERROR,  /* the server refused; rolled back */
	DBCONN_LOST,   /* no answer: may have happened; closed */
	DBCONN_LATE,   /* no answer by the deadline: may have happened; closed */
	DBCONN_UNSENT, /* lost before anything was sent; closed */
};

struct dbconn_reply {
	enum dbconn_state state;
	PGresult *result; /* of ROWS and ERROR: to be cleared by the caller */
};

void
dbconn_init(struct dbconn *conn, const struct db_options *options);

void
dbconn_fini(struct dbconn *conn);

/* Open and, as far as can be seen without asking, alive. False: away, said in conn->trouble. */
bool
dbconn_open(struct dbconn *conn, int64_t deadline_ms);

void
dbconn_close(struct dbconn *conn);

/* Each sends and waits until everything is answered, that is until the transaction has ended, unless
 * it is part of a block. */
struct dbconn_reply
dbconn_prepare(struct dbconn *conn, const char *name, const char *text, int64_t deadline_ms);

struct dbconn_reply
dbconn_execute(struct dbconn *conn, const char *name, int count, const char *const *values,
	       int64_t deadline_ms);

/* One statement, not prepared. */
struct dbconn_reply
dbconn_query(struct dbconn *conn, const char *text, int64_t deadline_ms);

/* Several statements in one transaction. */
struct dbconn_reply
dbconn_script(struct dbconn *conn, const char *text, int64_t deadline_ms);

#endif
