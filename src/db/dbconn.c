/*
 * A call is answered when the server is ready for the next one, not when its command is complete:
 * the implicit transaction commits in between, at Sync, and only then the server reports a deferred
 * constraint or a serialization failure. So this file takes all results, and any error among them
 * is the answer.
 *
 * It does not use pipeline mode: a transaction has one statement, so pipelining would gain nothing.
 */
#include "config.h"

#include "db/dbconn.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "db/statement.h"

#define ATTEMPT_PAUSE_MS 200   /* between attempts while the database is away */
#define REFUSED_PAUSE_MS 2000  /* while it refuses us: each attempt is a line of its log */
#define REFUSAL_AGAIN_MS 60000 /* a refusal is logged again after this time */
#define SERVER_VERSION_MIN 150000

#define NO_DATABASE "3D000"
#define NO_PASSWORD "28P01" /* one was wanted, and we have none */
#define NO_RIGHT "42501"    /* to connect to this database */
#define NO_TABLE "42P01"
#define NO_SCHEMA "3F000"

/* Over TCP each side notices within 20 s that the other has vanished. The server must notice too:
 * until then the session of a dead host keeps its locks, and no other relay can lead. Ignored on a
 * unix socket. */
#define KEEPALIVE_IDLE_S "10"
#define KEEPALIVE_INTERVAL_S "3"
#define KEEPALIVE_COUNT "3"
#define USER_TIMEOUT_MS "10000"

/* --- waiting --- */

/* Milliseconds for poll(2), 0 when the deadline has passed. */
static int
remaining(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_mono_ms();

	if (left <= 0)
		return 0;
	return left < 60000 ? (int)left : 60000;
}

/* Waits for one of `events`. Returns 1, or 0 at the deadline, or -1 when the socket is broken. */
static int
wait_for(const struct dbconn *conn, short events, int64_t deadline_ms)
{
	struct pollfd fd = {.fd = PQsocket(conn->pg), .events = events};

	for (;;) {
		int count = poll(&fd, 1, remaining(deadline_ms));

		if (count > 0)
			return 1;
		if (count < 0 && errno != EINTR)
			return -1;
		if (remaining(deadline_ms) == 0)
			return 0;
	}
}

/* --- opening and closing --- */

/* Keeps the first line of a text of the library. The text may have several lines; it names no
 * password. */
static void
note_trouble(struct dbconn *conn, const char *text)
{
	snprintf(conn->trouble, sizeof(conn->trouble), "%.*s", (int)strcspn(text, "\n"), text);
}

/* Notes the SQLSTATE of a refused session. The library gives it only within the text of the error:
 * "SEVERITY:  SQLSTATE: message". */
static void
note_refusal(struct dbconn *conn, const char *text)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const size_t len = sizeof(conn->refusal) - 1;

	for (const char *c = strstr(text, ":  "); c; c = strstr(c + 1, ":  ")) {
		if (strspn(c + 3, digits) == len && strncmp(c + 3 + len, ": ", 2) == 0)
			memcpy(conn->refusal, c + 3, len);
	}
}

static void
receive_notice(void *context, const PGresult *result)
{
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void)context;
	log_debug("postgresql: %s", text ? text : "notice without text");
}

/* The "options" of the connection string; NULL when it has none. The caller frees it. */
static char *
dsn_options(const char *dsn)
{
	PQconninfoOption *rows = PQconninfoParse(dsn, NULL);
	char *options = NULL;

	for (PQconninfoOption *row = rows; row && row->keyword; row++) {
		if (strcmp(row->keyword, "options") == 0 && row->val)
			options = strdup(row->val);
	}
	PQconninfoFree(rows);
	return options;
}

/* The settings travel with the start of the session: this costs no round trip, and no session can
 * miss them. */
void
dbconn_init(struct dbconn *conn, const struct db_options *options)
{
	char *given = dsn_options(options->dsn);

	memset(conn, 0, sizeof(*conn));
	conn->options = options;
	if (asprintf(&conn->session,
		     "%s -c search_path=pg_catalog,pg_temp -c timezone=UTC -c jit=off"
		     " -c default_transaction_isolation=read\\ committed"
		     " -c tcp_keepalives_idle=" KEEPALIVE_IDLE_S
		     " -c tcp_keepalives_interval=" KEEPALIVE_INTERVAL_S
		     " -c tcp_keepalives_count=" KEEPALIVE_COUNT
		     " -c tcp_user_timeout=" USER_TIMEOUT_MS " -c statement_timeout=%" PRId64
		     " -c lock_timeout=%" PRId64 " -c idle_in_transaction_session_timeout=%" PRId64,
		     given ? given : "", options->statement_timeout_ms, options->lock_timeout_ms,
		     options->statement_timeout_ms) < 0)
		abort();
	free(given);
}

void
dbconn_fini(struct dbconn *conn)
{
	dbconn_close(conn);
	free(conn->session);
}

void
dbconn_close(struct dbconn *conn)
{
	PQfinish(conn->pg);
	conn->pg = NULL;
	conn->is_block = false;
}

static PGconn *
start(const struct dbconn *conn)
{
	/* Later keywords override those of the connection string. */
	const char *const keywords[] = {
		"dbname",           "application_name", "options",
		"client_encoding",  "keepalives_idle",  "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", NULL};
	const char *const values[] = {conn->options->dsn,
				      conn->options->application,
				      conn->session,
				      "UTF8",
				      KEEPALIVE_IDLE_S,
				      KEEPALIVE_INTERVAL_S,
				      KEEPALIVE_COUNT,
				      USER_TIMEOUT_MS,
				      NULL};

	return PQconnectStartParams(keywords, values, 1);
}

/* Keeps why the schema does not do. Returns false. */
static bool
refuse_schema(struct dbconn *conn, const PGresult *found)
{
	const bool is_empty = PQresultStatus(found) != PGRES_TUPLES_OK || PQgetisnull(found, 0, 0);

	conn->absence = DBCONN_OLDER;
	snprintf(conn->trouble, sizeof(conn->trouble),
		 "the schema is at %s and must be at %" PRId64 ": boxofficectl db migrate",
		 is_empty ? "nothing" : PQgetvalue(found, 0, 0), conn->options->schema_version);
	return false;
}

/*
 * The first call of a session, so that nothing else is called on a schema that is too old: it would
 * fail halfway through a request. The programs may be started before it is migrated, and work as
 * soon as it is.
 */
static bool
check_schema(struct dbconn *conn, int64_t deadline_ms)
{
	struct dbconn_reply reply;
	const char *sqlstate, *found;
	int64_t newest;
	bool is_fit;

	if (conn->options->schema_version == 0)
		return true;
	reply = dbconn_query(conn, statement_find("schema_version"), deadline_ms);
	if (reply.state == DBCONN_ROWS) {
		found = PQgetvalue(reply.result, 0, 0);
		is_fit = (text_parse_i64(found, strlen(found), &newest) &&
			  newest >= conn->options->schema_version) ||
			 refuse_schema(conn, reply.result);
		PQclear(reply.result);
		return is_fit;
	}
	if (reply.state != DBCONN_ERROR)
		return false;
	sqlstate = PQresultErrorField(reply.result, PG_DIAG_SQLSTATE);
	if (sqlstate && (strcmp(sqlstate, NO_TABLE) == 0 || strcmp(sqlstate, NO_SCHEMA) == 0))
		(void)refuse_schema(conn, reply.result);
	else
		note_trouble(conn, PQresultErrorField(reply.result, PG_DIAG_MESSAGE_PRIMARY));
	PQclear(reply.result);
	return false;
}

/* Does the SQLSTATE say that the server knows no such role or database, or does not let us in? */
static bool
is_refusal(const char *sqlstate)
{
	return strncmp(sqlstate, "28", 2) == 0 || strcmp(sqlstate, NO_DATABASE) == 0 ||
	       strcmp(sqlstate, NO_RIGHT) == 0;
}

/* Says once why there is no connection, and again when it is another reason. A refusal is said
 * again from time to time: it does not pass by itself. */
static void
log_absence(struct dbconn *conn, enum dbconn_absence was)
{
	if (conn->absence == DBCONN_REFUSED) {
		if (was == DBCONN_REFUSED && clock_mono_ms() < conn->logged_ms + REFUSAL_AGAIN_MS)
			return;
		conn->logged_ms = clock_mono_ms();
		log_error("the database refuses us: %s", conn->trouble);
	} else if (conn->absence != was) {
		log_warn("%s%s", conn->absence == DBCONN_AWAY ? "the database is away: " : "",
			 conn->trouble);
	}
}

/* Runs the handshake to its end. */
static bool
finish_start(struct dbconn *conn, int64_t deadline_ms)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (!conn->pg || PQstatus(conn->pg) == CONNECTION_BAD)
		return false;
	PQsetErrorVerbosity(conn->pg, PQERRORS_VERBOSE);
	while (status != PGRES_POLLING_OK) {
		short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (status == PGRES_POLLING_FAILED) {
			note_refusal(conn, PQerrorMessage(conn->pg));
			if (PQconnectionNeedsPassword(conn->pg))
				memcpy(conn->refusal, NO_PASSWORD, sizeof(NO_PASSWORD));
			return false;
		}
		if (wait_for(conn, events, deadline_ms) <= 0) {
			note_trouble(conn, "no answer in time");
			return false;
		}
		status = PQconnectPoll(conn->pg);
	}
	if (PQserverVersion(conn->pg) < SERVER_VERSION_MIN) {
		note_trouble(conn, "the server is older than PostgreSQL 15");
		return false;
	}
	PQsetErrorVerbosity(conn->pg, PQERRORS_DEFAULT);
	return PQsetnonblocking(conn->pg, 1) == 0;
}

static bool
connect_now(struct dbconn *conn, int64_t deadline_ms)
{
	const int64_t limit_ms = clock_mono_ms() + conn->options->connect_timeout_ms;
	const enum dbconn_absence was = conn->absence;

	if (limit_ms < deadline_ms)
		deadline_ms = limit_ms;
	conn->absence = DBCONN_AWAY;
	conn->trouble[0] = '\0';
	conn->refusal[0] = '\0';
	conn->pg = start(conn);
	if (finish_start(conn, deadline_ms) && check_schema(conn, deadline_ms)) {
		PQsetNoticeReceiver(conn->pg, receive_notice, NULL);
		conn->number++;
		if (was != DBCONN_PRESENT)
			log_info(was == DBCONN_OLDER ? "the schema fits" : "the database is back");
		conn->absence = DBCONN_PRESENT;
		return true;
	}
	if (!conn->trouble[0])
		note_trouble(conn, conn->pg ? PQerrorMessage(conn->pg) : "out of memory");
	if (is_refusal(conn->refusal))
		conn->absence = DBCONN_REFUSED;
	dbconn_close(conn);
	conn->next_attempt_ms =
		clock_mono_ms() +
		(conn->absence == DBCONN_REFUSED ? REFUSED_PAUSE_MS : ATTEMPT_PAUSE_MS);
	log_absence(conn, was);
	return false;
}

/*
 * An idle connection has nothing to read. If it has, the server sent a notice, or its farewell
 * before a stop. This check finds that before a call is sent whose outcome would be unknown.
 */
static bool
is_alive(struct dbconn *conn)
{
	struct pollfd fd = {.fd = PQsocket(conn->pg), .events = POLLIN};

	while (poll(&fd, 1, 0) > 0) {
		if (!PQconsumeInput(conn->pg))
			return false;
		(void)PQisBusy(conn->pg);
		if (PQstatus(conn->pg) != CONNECTION_OK)
			return false;
	}
	return true;
}

bool
dbconn_open(struct dbconn *conn, int64_t deadline_ms)
{
	if (remaining(deadline_ms) == 0) {
		note_trouble(conn, "the deadline has passed");
		return false;
	}
	if (conn->pg && is_alive(conn))
		return true;
	dbconn_close(conn);
	if (clock_mono_ms() < conn->next_attempt_ms)
		return false;
	return connect_now(conn, deadline_ms);
}

/* --- asking --- */

/* Sends the rest of the output and waits until the next result is complete. */
static enum dbconn_state
wait_result(struct dbconn *conn, int64_t deadline_ms)
{
	for (;;) {
		int left = PQflush(conn->pg), ready;

		if (left < 0)
			return DBCONN_LOST;
		if (left == 0 && !PQisBusy(conn->pg))
			return DBCONN_ROWS;
		ready = wait_for(conn, left > 0 ? POLLIN | POLLOUT : POLLIN, deadline_ms);
		if (ready <= 0)
			return ready == 0 ? DBCONN_LATE : DBCONN_LOST;
		if (!PQconsumeInput(conn->pg))
			return DBCONN_LOST;
	}
}

/* Keeps the first rows, or the first error in their place. Returns false for a result of a kind
 * that we never ask for. */
static bool
keep(struct dbconn_reply *reply, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	bool is_error = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;

	if (reply->state == DBCONN_ROWS && (is_error || !reply->result)) {
		PQclear(reply->result);
		reply->result = result;
		reply->state = is_error ? DBCONN_ERROR : DBCONN_ROWS;
	} else {
		PQclear(result);
	}
	return is_error || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	       status == PGRES_EMPTY_QUERY;
}

/* Drops the results and closes the connection, which is no longer usable. */
static struct dbconn_reply
give_up(struct dbconn *conn, struct dbconn_reply *reply, enum dbconn_state state)
{
	const char *text = reply->state == DBCONN_ERROR
				   ? PQresultErrorField(reply->result, PG_DIAG_MESSAGE_PRIMARY)
				   : NULL;

	if (state == DBCONN_LATE)
		note_trouble(conn, "no answer by the deadline");
	else
		note_trouble(conn, text ? text : PQerrorMessage(conn->pg));
	PQclear(reply->result);
	dbconn_close(conn);
	return (struct dbconn_reply){.state = state};
}

/* True when no transaction was left open, and a block that must go on has not ended. */
static bool
is_settled(const struct dbconn *conn)
{
	const PGTransactionStatusType status = PQtransactionStatus(conn->pg);

	return conn->is_block ? status == PQTRANS_INTRANS || status == PQTRANS_INERROR
			      : status == PQTRANS_IDLE;
}

static struct dbconn_reply
receive(struct dbconn *conn, int is_sent, int64_t deadline_ms)
{
	struct dbconn_reply reply = {.state = DBCONN_ROWS};

	if (!is_sent)
		return give_up(conn, &reply, DBCONN_UNSENT);
	for (;;) {
		enum dbconn_state state = wait_result(conn, deadline_ms);
		PGresult *result;

		if (state != DBCONN_ROWS)
			return give_up(conn, &reply, state);
		result = PQgetResult(conn->pg);
		if (!result)
			break;
		if (!keep(&reply, result))
			return give_up(conn, &reply, DBCONN_LOST);
	}
	if (PQstatus(conn->pg) != CONNECTION_OK || !reply.result || !is_settled(conn))
		return give_up(conn, &reply, DBCONN_LOST);
	return reply;
}

struct dbconn_reply
dbconn_prepare(struct dbconn *conn, const char *name, const char *text, int64_t deadline_ms)
{
	return receive(conn, PQsendPrepare(conn->pg, name, text, 0, NULL), deadline_ms);
}

struct dbconn_reply
dbconn_execute(struct dbconn *conn, const char *name, int count, const char *const *values,
	       int64_t deadline_ms)
{
	return receive(conn, PQsendQueryPrepared(conn->pg, name, count, values, NULL, NULL, 0),
		       deadline_ms);
}

struct dbconn_reply
dbconn_query(struct dbconn *conn, const char *text, int64_t deadline_ms)
{
	return receive(conn, PQsendQueryParams(conn->pg, text, 0, NULL, NULL, NULL, NULL, 0),
		       deadline_ms);
}

struct dbconn_reply
dbconn_script(struct dbconn *conn, const char *text, int64_t deadline_ms)
{
	return receive(conn, PQsendQuery(conn->pg, text), deadline_ms);
}
