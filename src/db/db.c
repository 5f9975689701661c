/* Calls: this file chooses the statement, repeats calls, and turns failures into codes for the
 * caller. */
#include "config.h"

#include "db/db.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "db/dbconn.h"
#include "db/dberr.h"
#include "db/dbrows.h"
#include "db/statement.h"
#include "host/hostmem.h"

#define PREPARED_MAX 256     /* statements that a process may use; a power of two */
#define PREPARED_NAME_MAX 80 /* with parameter count and serial */
#define REPEAT_PAUSE_MS 4    /* at most, before the first repeat; doubles each time */
#define ANSWER_SLACK_MS 1000 /* added to statement_timeout when no deadline was set */

/* A statement that this process has used. */
struct prepared {
	const char *name; /* the caller's string constant; NULL: free place */
	char *text;       /* SQL; for calls it is built once */
	size_t count;     /* number of parameters */
	char sql_name[PREPARED_NAME_MAX];
	uint32_t serial;     /* rises when the server's plan is discarded */
	uint32_t connection; /* number of the connection that has it prepared */
};

struct db {
	struct db_options options;
	struct dbconn conn;
	int64_t deadline_ms; /* 0: no deadline was set */
	struct db_stat stat;
	struct prepared prepared[PREPARED_MAX]; /* hashed by name, open addressing */
	size_t prepared_count;
};

struct db *
db_new(const struct db_options *options)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		abort();
	db->options = *options;
	dbconn_init(&db->conn, &db->options);
	return db;
}

void
db_free(struct db *db)
{
	if (!db)
		return;
	dbconn_fini(&db->conn);
	for (size_t i = 0; i < PREPARED_MAX; i++)
		free(db->prepared[i].text);
	free(db);
}

void
db_set_deadline(struct db *db, int64_t mono_ms)
{
	db->deadline_ms = mono_ms;
}

void
db_stat_reset(struct db *db)
{
	db->stat = (struct db_stat){0, 0};
}

struct db_stat
db_stat(const struct db *db)
{
	return db->stat;
}

bool
db_is_connected(const struct db *db)
{
	return db->conn.pg != NULL;
}

const char *
db_refusal(const struct db *db)
{
	return db->conn.refusal;
}

bool
db_is_refused(const struct db *db)
{
	return db->conn.absence == DBCONN_REFUSED;
}

bool
db_is_schema_older(const struct db *db)
{
	return db->conn.absence == DBCONN_OLDER;
}

uint32_t
db_session(const struct db *db)
{
	return db->conn.pg ? db->conn.number : 0;
}

static int64_t
deadline_of(const struct db *db)
{
	if (db->deadline_ms != 0)
		return db->deadline_ms;
	if (db->options.statement_timeout_ms == 0)
		return INT64_MAX;
	return clock_mono_ms() + db->options.statement_timeout_ms + ANSWER_SLACK_MS;
}

/* --- statements --- */

/* SELECT outcome, result FROM schema.function($1,$2,…) */
static char *
call_text(const char *function, size_t count)
{
	size_t size = strlen(function) + count * 4 + 40, used;
	char *text = malloc(size);

	if (!text)
		abort();
	assert(strspn(function, "abcdefghijklmnopqrstuvwxyz_.") == strlen(function));
	used = (size_t)snprintf(text, size, "SELECT outcome, result FROM %s(", function);
	for (size_t i = 1; i <= count; i++)
		used += (size_t)snprintf(text + used, size - used, i == 1 ? "$%zu" : ",$%zu", i);
	snprintf(text + used, size - used, ")");
	return text;
}

static char *
read_text(const char *name)
{
	const char *text = statement_find(name);
	char *copy;

	assert(text && "sql/reads has such a statement");
	copy = strdup(text);
	if (!copy)
		abort();
	return copy;
}

/* The place of a statement. Its first use creates it. Names of functions contain a dot. */
static struct prepared *
prepared_of(struct db *db, const char *name, size_t count)
{
	struct prepared *place;
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	hash += (uint32_t)count;
	for (;; hash++) {
		place = &db->prepared[hash % PREPARED_MAX];
		if (!place->name)
			break;
		if (place->count == count && strcmp(place->name, name) == 0)
			return place;
	}
	db->prepared_count++;
	assert(db->prepared_count < PREPARED_MAX);
	*place = (struct prepared){
		.name = name,
		.text = strchr(name, '.') ? call_text(name, count) : read_text(name),
		.count = count,
	};
	return place;
}

/* --- one call --- */

/* The subject of a call: a statement with parameters, or a text. */
struct question {
	const char *name;               /* for the log */
	const struct db_params *params; /* NULL: none */
	const char *text; /* SQL to send as it is; NULL: the statement called `name` */
	bool is_write;    /* the caller must learn of an unknown outcome */
};

static struct dbconn_reply
prepare(struct db *db, struct prepared *place, int64_t deadline_ms)
{
	struct dbconn_reply reply;

	snprintf(place->sql_name, sizeof(place->sql_name), "%s/%zu.%" PRIu32, place->name,
		 place->count, place->serial);
	reply = dbconn_prepare(&db->conn, place->sql_name, place->text, deadline_ms);
	if (reply.state == DBCONN_ROWS)
		place->connection = db->conn.number;
	return reply;
}

/* Makes one attempt on an open connection. `is_sent_r`: the server may have begun to execute it. */
static struct dbconn_reply
ask(struct db *db, const struct question *question, int64_t deadline_ms, bool *is_sent_r)
{
	size_t count = question->params ? question->params->count : 0;
	struct dbconn_reply reply;
	struct prepared *place;

	*is_sent_r = false;
	if (question->text) {
		*is_sent_r = true;
		return dbconn_query(&db->conn, question->text, deadline_ms);
	}
	place = prepared_of(db, question->name, count);
	if (place->connection != db->conn.number) {
		reply = prepare(db, place, deadline_ms);
		if (reply.state != DBCONN_ROWS)
			return reply;
		PQclear(reply.result);
	}
	reply = dbconn_execute(&db->conn, place->sql_name, (int)count,
			       count > 0 ? question->params->values : NULL, deadline_ms);
	*is_sent_r = reply.state != DBCONN_UNSENT;
	return reply;
}

/* Discards the server's plan: the next attempt prepares the statement under another name. */
static void
forget_plan(struct db *db, const struct question *question)
{
	struct prepared *place;

	if (question->text)
		return;
	place = prepared_of(db, question->name, question->params ? question->params->count : 0);
	place->serial++;
	place->connection = 0;
}

/* Pauses for a random part of a span that doubles, so that calls that collided do not collide
 * again. */
static void
pause_before(int64_t repeat)
{
	uint32_t random;

	text_random(&random, sizeof(random));
	clock_pause_ms(random % (uint32_t)(REPEAT_PAUSE_MS << repeat));
}

/* Records 503 with the reason for the log. A write that may have run returns ERR_UNKNOWN, any other
 * call ERR_RETRY. */
static enum err
fail_away(const struct db *db, const struct question *question, bool may_have_run,
	  struct failure *failure)
{
	(void)fail_log(failure, CODE_UNAVAILABLE, "%s: %s%s", question->name,
		       db_is_refused(db) ? "the database refuses us: " : "",
		       db->conn.trouble[0] ? db->conn.trouble : "the database is away");
	return may_have_run && question->is_write ? ERR_UNKNOWN : ERR_RETRY;
}

/* Records the server's error. Its text goes to the log only, and only when it quotes no value. */
static enum err
fail_error(const struct question *question, const PGresult *result, const struct dberr *row,
	   struct failure *failure)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	return fail_log(failure, row->code, "%s: %s %s%s%s", question->name,
			sqlstate ? sqlstate : "without SQLSTATE",
			text && !row->is_text_private ? text : "(text kept back)",
			constraint ? ", constraint " : "", constraint ? constraint : "");
}

/* The action for a reply that is not rows. A lost connection counts as DBERR_LEAVE. */
static const struct dberr *
trouble_of(const struct dbconn_reply *reply)
{
	static const struct dberr lost = {"", NULL, DBERR_LEAVE, CODE_UNAVAILABLE, false};
	static const struct dberr late = {"", NULL, DBERR_FAIL, CODE_UNAVAILABLE, false};

	if (reply->state == DBCONN_ERROR)
		return dberr_find(PQresultErrorField(reply->result, PG_DIAG_SQLSTATE),
				  PQresultErrorField(reply->result, PG_DIAG_CONSTRAINT_NAME));
	return reply->state == DBCONN_LATE ? &late : &lost;
}

/* The history of one call. */
struct attempts {
	int64_t repeats;
	bool is_planned_anew;
	bool may_have_run; /* sent at least once without getting an answer */
};

/* Prepares the next attempt. Returns false when there must be none. */
static bool
prepare_repeat(struct db *db, const struct question *question, const struct dberr *trouble,
	       struct attempts *attempts)
{
	if (trouble->action == DBERR_FAIL)
		return false;
	if (trouble->action == DBERR_PREPARE) {
		if (question->text || attempts->is_planned_anew)
			return false;
		attempts->is_planned_anew = true;
		forget_plan(db, question);
		return true;
	}
	if (trouble->action == DBERR_LEAVE)
		dbconn_close(&db->conn);
	if (attempts->repeats >= db->options.retries)
		return false;
	hostmem_add(METRIC_DB_RETRIES, 1);
	if (trouble->action == DBERR_REPEAT)
		pause_before(attempts->repeats);
	attempts->repeats++;
	return true;
}

/* Repeats the attempt until there is an answer or another attempt makes no sense. */
static enum err
run_attempts(struct db *db, const struct question *question, struct failure *failure,
	     PGresult **result_r)
{
	int64_t deadline_ms = deadline_of(db);
	struct attempts attempts = {.repeats = 0};
	const struct dberr *trouble;
	struct dbconn_reply reply;
	bool is_sent;
	enum err err;

	for (;;) {
		if (!dbconn_open(&db->conn, deadline_ms))
			return fail_away(db, question, attempts.may_have_run, failure);
		reply = ask(db, question, deadline_ms, &is_sent);
		if (reply.state == DBCONN_ROWS) {
			*result_r = reply.result;
			return ERR_OK;
		}
		hostmem_add(METRIC_DB_ERRORS, 1);
		attempts.may_have_run |= is_sent && reply.state != DBCONN_ERROR;
		trouble = trouble_of(&reply);
		if (!prepare_repeat(db, question, trouble, &attempts))
			break;
		PQclear(reply.result);
	}
	if (reply.state != DBCONN_ERROR)
		return fail_away(db, question, attempts.may_have_run, failure);
	err = fail_error(question, reply.result, trouble, failure);
	PQclear(reply.result);
	/* The last attempt was refused for a passing reason, but an earlier one may have run. */
	return err == ERR_RETRY && attempts.may_have_run && question->is_write ? ERR_UNKNOWN : err;
}

static enum err
run(struct db *db, const struct question *question, struct failure *failure, PGresult **result_r)
{
	int64_t start_us = clock_mono_us(), us;
	enum err err = run_attempts(db, question, failure, result_r);

	us = clock_mono_us() - start_us;
	db->stat.calls++;
	db->stat.us += us;
	hostmem_add(METRIC_DB_CALLS, 1);
	hostmem_add(METRIC_DB_US, (uint64_t)us);
	return err;
}

/* --- public --- */

enum err
db_call(struct db *db, const char *function, const struct db_params *params, struct arena *arena,
	struct failure *failure, const char **outcome_r, const char **result_r)
{
	const struct question question = {.name = function, .params = params, .is_write = true};
	PGresult *result;
	enum err err = run(db, &question, failure, &result);

	if (err != ERR_OK)
		return err;
	dbrows_keep(arena, result);
	if (PQntuples(result) != 1 || PQgetisnull(result, 0, 0))
		return fail_log(failure, CODE_INTERNAL, "%s: %d rows where one was due", function,
				PQntuples(result));
	*outcome_r = dbrows_value(result, 0, 0);
	*result_r = dbrows_value(result, 0, 1);
	return ERR_OK;
}

static enum err
read_rows(struct db *db, const struct question *question, struct arena *arena,
	  struct failure *failure, const struct db_rows **rows_r)
{
	PGresult *result;
	enum err err = run(db, question, failure, &result);

	if (err == ERR_OK)
		*rows_r = dbrows_new(arena, result);
	return err;
}

enum err
db_read(struct db *db, const char *name, const struct db_params *params, struct arena *arena,
	struct failure *failure, const struct db_rows **rows_r)
{
	const struct question question = {.name = name, .params = params};

	return read_rows(db, &question, arena, failure, rows_r);
}

enum err
db_query(struct db *db, const char *text, struct arena *arena, struct failure *failure,
	 const struct db_rows **rows_r)
{
	const struct question question = {.name = "query", .text = text};

	return read_rows(db, &question, arena, failure, rows_r);
}

enum err
db_connect(struct db *db, struct failure *failure)
{
	static const struct question question = {.name = "connect"};

	if (dbconn_open(&db->conn, deadline_of(db)))
		return ERR_OK;
	return fail_away(db, &question, false, failure);
}

/* --- scripts --- */

/* The line of a character position; both count from 1. Positions count characters, not bytes. */
static int
line_of(const char *text, long position)
{
	int line = 1;

	for (; *text && position > 1; text++) {
		if (*text == '\n')
			line++;
		if (((unsigned char)text[1] & 0xc0) != 0x80)
			position--;
	}
	return line;
}

/* Scripts are files of this program, so their texts are no secret. */
static enum err
fail_script(const PGresult *result, const char *text, struct failure *failure)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	const struct dberr *row = dberr_find(sqlstate, NULL);
	char where[32] = "";

	if (position)
		snprintf(where, sizeof(where),
			 "line %d: ", line_of(text, strtol(position, NULL, 10)));
	return fail_log(failure, row->code, "%s%s %s%s%s", where, sqlstate ? sqlstate : "",
			message ? message : "no message", detail ? ": " : "", detail ? detail : "");
}

enum err
db_script(struct db *db, const char *text, struct failure *failure)
{
	static const struct question question = {.name = "script", .is_write = true};
	int64_t deadline_ms = db->deadline_ms != 0 ? db->deadline_ms : INT64_MAX;
	struct dbconn_reply reply;
	enum err err;

	if (!dbconn_open(&db->conn, deadline_ms))
		return fail_away(db, &question, false, failure);
	reply = dbconn_script(&db->conn, text, deadline_ms);
	if (reply.state == DBCONN_ERROR) {
		err = fail_script(reply.result, text, failure);
		PQclear(reply.result);
		return err;
	}
	if (reply.state != DBCONN_ROWS)
		return fail_away(db, &question, reply.state != DBCONN_UNSENT, failure);
	PQclear(reply.result);
	return ERR_OK;
}

enum err
db_begin(struct db *db, struct failure *failure)
{
	enum err err = db_connect(db, failure);

	db->conn.is_block = err == ERR_OK;
	return err == ERR_OK ? db_script(db, "BEGIN", failure) : err;
}

enum err
db_commit(struct db *db, struct failure *failure)
{
	if (!db->conn.is_block || PQtransactionStatus(db->conn.pg) != PQTRANS_INTRANS) {
		dbconn_close(&db->conn);
		return fail_log(failure, CODE_UNAVAILABLE, "the transaction was lost");
	}
	db->conn.is_block = false;
	return db_script(db, "COMMIT", failure);
}
