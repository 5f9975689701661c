/*
 * One connection. It is opened when needed, never blocks while it waits for an answer, and is
 * closed at any surprise. It knows nothing about the calls but the one that looks at the schema.
 * Private to db/.
 */
#ifndef DB_DBCONN_H
#define DB_DBCONN_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

struct db_options;

/* Why there is no connection. */
enum dbconn_absence {
	DBCONN_PRESENT,
	DBCONN_AWAY,    /* nobody answered, or not in time, or the server starts or stops */
	DBCONN_REFUSED, /* the server does not let us in: nothing changes until somebody acts */
	DBCONN_OLDER,   /* too old a schema */
};

struct dbconn {
	const struct db_options *options;
	char *session;               /* settings of the session, as libpq's "options" */
	PGconn *pg;                  /* NULL when closed */
	uint32_t number;             /* number of connections made so far */
	int64_t next_attempt_ms;     /* set after a failed attempt: no attempt before this time */
	bool is_block;               /* between BEGIN and COMMIT; false again once closed */
	enum dbconn_absence absence; /* what the last attempt found */
	int64_t logged_ms;           /* when a refusal was logged last */
	char trouble[256];           /* why it is away or was lost, for the log */
	char refusal[6]; /* SQLSTATE with which the server refused the last attempt, or "" */
};

enum dbconn_state {
	DBCONN_ROWS,   /* everything went well, at Sync too */
	DBCONN_ERROR,  /* the server refused; rolled back */
	DBCONN_LOST,   /* no answer: the call may have run; closed */
	DBCONN_LATE,   /* no answer by the deadline: the call may have run; closed */
	DBCONN_UNSENT, /* lost before anything was sent; closed */
};

struct dbconn_reply {
	enum dbconn_state state;
	PGresult *result; /* for ROWS and ERROR; the caller clears it */
};

void
dbconn_init(struct dbconn *conn, const struct db_options *options);

void
dbconn_fini(struct dbconn *conn);

/* True when the connection is open and, as far as one can tell without asking, alive. False: the
 * database is away; conn->trouble tells why. */
bool
dbconn_open(struct dbconn *conn, int64_t deadline_ms);

void
dbconn_close(struct dbconn *conn);

/* Each of these sends and waits until the server has answered everything, that is until the
 * transaction has ended, unless it is part of a block. */
struct dbconn_reply
dbconn_prepare(struct dbconn *conn, const char *name, const char *text, int64_t deadline_ms);

struct dbconn_reply
dbconn_execute(struct dbconn *conn, const char *name, int count, const char *const *values,
	       int64_t deadline_ms);

/* One statement that is not prepared. */
struct dbconn_reply
dbconn_query(struct dbconn *conn, const char *text, int64_t deadline_ms);

/* Several statements in one transaction. */
struct dbconn_reply
dbconn_script(struct dbconn *conn, const char *text, int64_t deadline_ms);

#endif
