/* What of the database layer needs no database; the rest is in tests/db. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "db/db.h"
#include "db/dbconn.h"
#include "db/dberr.h"
#include "db/statement.h"
#include "host/hostmem.h"
#include "unit.h"

/* --- parameters --- */

static struct db_params params;

/* The parameter put last. */
static const char *
last(void)
{
	return params.values[params.count - 1];
}

static void
begin(void)
{
	db_params_init(&params, unit_arena());
}

static void
test_scalars(void)
{
	struct uuid uuid;

	begin();
	UNIT_TRUE(uuid_parse("0F0E0D0C-0B0A-4908-8706-050403020100", 36, &uuid));
	db_put_text(&params, "it's");
	UNIT_TEXT("it's", last());
	db_put_text(&params, NULL);
	UNIT_TEXT(NULL, last());
	db_put_i64(&params, INT64_MIN);
	UNIT_TEXT("-9223372036854775808", last());
	db_put_i64(&params, INT64_MAX);
	UNIT_TEXT("9223372036854775807", last());
	db_put_bool(&params, true);
	UNIT_TEXT("t", last());
	db_put_bool(&params, false);
	UNIT_TEXT("f", last());
	db_put_uuid(&params, &uuid);
	UNIT_TEXT("0f0e0d0c-0b0a-4908-8706-050403020100", last());
	db_put_uuid(&params, NULL);
	UNIT_TEXT(NULL, last());
	db_put_bytes(&params, "\0\xff\x10", 3);
	UNIT_TEXT("\\x00ff10", last());
	db_put_bytes(&params, "", 0);
	UNIT_TEXT("\\x", last());
	db_put_time(&params, 1795255800);
	UNIT_TEXT("2026-11-21T10:10:00Z", last());
	UNIT_I64(11, params.count);
}

static void
test_arrays(void)
{
	static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN};
	static const char *const texts[] = {"A-1",  "",    "NULL", NULL,           "a\"b",
					    "a\\b", "{,}", " x ",  "\xed\x95\x9c", "\\\"\\\""};
	struct uuid uuids[2];

	begin();
	UNIT_TRUE(uuid_parse("0f0e0d0c-0b0a-4908-8706-050403020100", 36, &uuids[0]));
	UNIT_TRUE(uuid_parse("1f0e0d0c-0b0a-4908-8706-050403020100", 36, &uuids[1]));
	db_put_i64s(&params, numbers, 4);
	UNIT_TEXT("{0,-1,9223372036854775807,-9223372036854775808}", last());
	db_put_i64s(&params, NULL, 0);
	UNIT_TEXT("{}", last());
	db_put_uuids(&params, uuids, 2);
	UNIT_TEXT("{0f0e0d0c-0b0a-4908-8706-050403020100,1f0e0d0c-0b0a-4908-8706-050403020100}",
		  last());
	db_put_uuids(&params, uuids, 0);
	UNIT_TEXT("{}", last());
	db_put_texts(&params, texts, 10);
	UNIT_TEXT("{\"A-1\",\"\",\"NULL\",NULL,\"a\\\"b\",\"a\\\\b\",\"{,}\",\" x \","
		  "\"\xed\x95\x9c\",\"\\\\\\\"\\\\\\\"\"}",
		  last());
	db_put_texts(&params, texts, 0);
	UNIT_TEXT("{}", last());
}

/* The longest elements fill the space to the byte; sanitizers watch. */
static void
test_array_space(void)
{
	int64_t numbers[500];
	const char *texts[500];

	begin();
	for (size_t i = 0; i < 500; i++) {
		numbers[i] = INT64_MIN;
		texts[i] = "\"\\\"\\";
	}
	db_put_i64s(&params, numbers, 500);
	UNIT_I64(500 * 20 + 499 + 2, strlen(last()));
	db_put_texts(&params, texts, 500);
	UNIT_I64(500 * 10 + 499 + 2, strlen(last()));
}

static void
put_too_many(void *context)
{
	(void)context;
	for (int i = 0; i < 25; i++)
		db_put_bool(&params, true);
}

static void
test_too_many(void)
{
	begin();
	UNIT_I64(SIGABRT, unit_ends_by(put_too_many, NULL));
}

/* --- statements and errors --- */

static void
test_statements(void)
{
	UNIT_TRUE(statement_count > 0);
	for (size_t i = 0; i < statement_count; i++) {
		unit_row(statements[i].name);
		UNIT_TRUE(statement_find(statements[i].name) == statements[i].text);
		UNIT_TRUE(strncmp(statements[i].text, "--", 2) != 0);
		UNIT_TRUE(i == 0 || strcmp(statements[i - 1].name, statements[i].name) < 0);
	}
	UNIT_CONTAINS("SELECT", statement_find("now"));
	UNIT_TRUE(statement_find("no_such_statement") == NULL);
	UNIT_TRUE(statement_find("") == NULL);
}

static void
test_errors(void)
{
	static const struct {
		const char *sqlstate, *constraint;
		enum dberr_action action;
		enum code code;
	} rows[] = {
		{"23505", "email_claims_pkey", DBERR_FAIL, CODE_EMAIL_TAKEN},
		{"23505", "holds_pkey", DBERR_FAIL, CODE_HOLD_EXPIRED},
		{"23505", "requests_pkey", DBERR_REPEAT, CODE_UNAVAILABLE},
		{"23P01", "show_slots_hall_free", DBERR_FAIL, CODE_HALL_BUSY},
		{"23514", "wallets_balance_not_negative", DBERR_FAIL, CODE_INSUFFICIENT_BALANCE},
		{"23503", "layouts_hall_id_fkey", DBERR_FAIL, CODE_NOT_FOUND},
		{"23505", "tickets_seat_live", DBERR_FAIL, CODE_INTERNAL},
		{"23505", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"23P01", "email_claims_pkey", DBERR_FAIL, CODE_INTERNAL},
		{"40001", NULL, DBERR_REPEAT, CODE_UNAVAILABLE},
		{"40P01", NULL, DBERR_REPEAT, CODE_UNAVAILABLE},
		{"40002", "x", DBERR_FAIL, CODE_INTERNAL},
		{"0A000", NULL, DBERR_PREPARE, CODE_INTERNAL},
		{"26000", NULL, DBERR_PREPARE, CODE_INTERNAL},
		{"57014", NULL, DBERR_FAIL, CODE_UNAVAILABLE},
		{"55P03", NULL, DBERR_FAIL, CODE_UNAVAILABLE},
		{"53300", NULL, DBERR_FAIL, CODE_UNAVAILABLE},
		{"57P01", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"57P02", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"57P03", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"08006", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"25006", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"25P03", NULL, DBERR_LEAVE, CODE_UNAVAILABLE},
		{"22P02", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"42883", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"42501", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"XX000", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"P0001", NULL, DBERR_FAIL, CODE_INTERNAL},
		{"", NULL, DBERR_FAIL, CODE_INTERNAL},
		{NULL, NULL, DBERR_FAIL, CODE_INTERNAL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct dberr *row = dberr_find(rows[i].sqlstate, rows[i].constraint);

		unit_row(rows[i].sqlstate);
		UNIT_I64(rows[i].action, row->action);
		UNIT_I64(rows[i].code, row->code);
	}
	UNIT_TRUE(dberr_find("22P02", NULL)->is_text_private);
	UNIT_FALSE(dberr_find("57014", NULL)->is_text_private);
}

/* --- a database that is away --- */

static void
test_away(void)
{
	const struct db_options options = {
		.dsn = arena_printf(unit_arena(), "host=%s dbname=x user=x password=secret-word",
				    unit_dir()),
		.application = "test-db",
		.connect_timeout_ms = 1000,
		.statement_timeout_ms = 1000,
		.lock_timeout_ms = 1000,
		.retries = 2,
	};
	struct db *db = db_new(&options);
	const char *outcome = "untouched", *result = "untouched";
	const struct db_rows *rows = NULL;
	struct failure failure;
	int64_t start = clock_mono_ms();

	begin();
	for (int i = 0; i < 1000; i++) {
		failure_init(&failure, unit_arena());
		UNIT_I64(ERR_RETRY, db_call(db, "show.hold_take", &params, unit_arena(), &failure,
					    &outcome, &result));
	}
	UNIT_I64(CODE_UNAVAILABLE, failure.code);
	UNIT_CONTAINS("show.hold_take: ", failure.log_detail);
	UNIT_TRUE(strstr(failure.log_detail, "secret-word") == NULL);
	UNIT_TEXT(NULL, failure.detail);
	UNIT_TEXT("untouched", outcome);
	UNIT_TEXT("untouched", result);
	UNIT_I64(ERR_RETRY, db_read(db, "now", &params, unit_arena(), NULL, &rows));
	UNIT_TRUE(rows == NULL);
	UNIT_I64(ERR_RETRY, db_script(db, "SELECT 1", NULL));
	UNIT_I64(ERR_RETRY, db_connect(db, NULL));
	UNIT_FALSE(db_is_connected(db));
	UNIT_I64(0, db_session(db));
	UNIT_I64(1001, db_stat(db).calls);
	db_stat_reset(db);
	UNIT_I64(0, db_stat(db).calls);
	UNIT_TRUE(clock_mono_ms() - start < 1000);
	db_free(db);
}

static void
test_deadline(void)
{
	const struct db_options options = {.dsn = "host=/nowhere", .application = "test-db"};
	struct db *db = db_new(&options);
	struct failure failure;

	failure_init(&failure, unit_arena());
	db_set_deadline(db, clock_mono_ms() - 1);
	UNIT_I64(ERR_RETRY, db_connect(db, &failure));
	UNIT_CONTAINS("the deadline has passed", failure.log_detail);
	db_free(db);
	db_free(NULL);
}

static const struct unit_case param_cases[] = {
	{"each kind of value has its text", test_scalars},
	{"arrays are literals whose texts are quoted", test_arrays},
	{"arrays have room for their longest elements", test_array_space},
	{"a parameter too many is a bug", test_too_many},
	{NULL, NULL},
};

static const struct unit_case table_cases[] = {
	{"statements are found by name and have no comment at their head", test_statements},
	{"errors have an action and a code", test_errors},
	{NULL, NULL},
};

static const struct unit_case away_cases[] = {
	{"a database that is away is 503 at once", test_away},
	{"nothing is asked past the deadline", test_deadline},
	{NULL, NULL},
};

/* --- a server that lets nobody in --- */

/* The child: answers every session with an error that closes it. */
static void
refuse_all(int listener)
{
	static const char error[] = "E\0\0\0\x2a"
				    "SFATAL\0C28P01\0Mthe password is wrong\0";
	char text[4096];

	for (;;) {
		int client = accept(listener, NULL, NULL);

		if (client < 0 || read(client, text, sizeof(text)) <= 0 ||
		    write(client, error, sizeof(error)) < 0)
			_exit(EXIT_FAILURE);
		close(client);
	}
}

static pid_t
begin_refusing(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t child;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", unit_dir());
	UNIT_I64(0, bind(listener, (struct sockaddr *)&address, sizeof(address)));
	UNIT_I64(0, listen(listener, 8));
	child = fork();
	if (child == 0)
		refuse_all(listener);
	close(listener);
	return child;
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void
a_refusal_is_said_again_and_not_tried_in_a_hurry(void)
{
	const struct db_options refused = {
		.dsn = arena_printf(unit_arena(), "host=%s user=x dbname=x", unit_dir()),
		.application = "test",
		.connect_timeout_ms = 5000,
	};
	const char *log = unit_write("log", "");
	const pid_t server = begin_refusing();
	const int64_t late_ms = clock_mono_ms() + 60000;
	struct dbconn conn;

	UNIT_I64(0, log_open(log));
	dbconn_init(&conn, &refused);
	UNIT_FALSE(dbconn_open(&conn, late_ms));
	UNIT_I64(DBCONN_REFUSED, conn.absence);
	UNIT_CONTAINS("\"level\":\"error\"", unit_read(log));
	UNIT_CONTAINS("the database refuses us: ", unit_read(log));
	UNIT_CONTAINS("FATAL:  28P01: the password is wrong", unit_read(log));
	UNIT_TRUE(conn.next_attempt_ms > clock_mono_ms() + 1000);
	conn.next_attempt_ms = 0;
	UNIT_FALSE(dbconn_open(&conn, late_ms));
	UNIT_I64(1, count_lines(unit_read(log)));
	conn.next_attempt_ms = 0;
	conn.logged_ms -= 61000; /* a minute later */
	UNIT_FALSE(dbconn_open(&conn, late_ms));
	UNIT_I64(2, count_lines(unit_read(log)));
	dbconn_fini(&conn);
	UNIT_I64(0, log_open("-"));
	UNIT_I64(0, kill(server, SIGKILL));
	UNIT_I64(server, waitpid(server, NULL, 0));
}

static const struct unit_case refused_cases[] = {
	{"a refusal is said again and not tried in a hurry",
	 a_refusal_is_said_again_and_not_tried_in_a_hurry},
	{NULL, NULL},
};

/* --- connection strings --- */

static void
connection_strings_that_libpq_would_refuse_are_found(void)
{
	static const struct {
		const char *dsn, *reason; /* NULL: it is right */
	} rows[] = {
		{"", NULL},
		{"dbname=boxoffice user=boxoffice_app", NULL},
		{"host=a,b port=5432,5433 dbname=x target_session_attrs=read-write", NULL},
		{"host=a,b port=5432 sslmode=verify-full", NULL},
		{"postgresql://user:secret@[::1]:5432/x?sslmode=require", NULL},
		{"dbnam=x", "invalid connection option \"dbnam\""},
		{"boxoffice", "missing \"=\" after \"boxoffice\""},
		{"port=99999", "a port must be a number from 1 to 65535"},
		{"port=0", "a port must be"},
		{"host=a,b port=1,x", "a port must be"},
		{"host=a port=1,2", "the numbers of hosts and ports differ"},
		{"host=a hostaddr=::1,::2", "the numbers of hosts and addresses differ"},
		{"hostaddr=192.0.2.1,::1 port=1", NULL},
		{"hostaddr=192.0.2.1,192.0.2.256", "a hostaddr is no address"},
		{"sslmode=on", "there is no such sslmode"},
		{"target_session_attrs=write", "there are no such target_session_attrs"},
		{"password=my secret", "it is no connection string of libpq"},
		{"postgresql://u:p@h/x?dbnam=secret", "it is no connection string of libpq"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *reason = db_dsn_problem(rows[i].dsn, unit_arena());

		unit_row(rows[i].dsn);
		if (!rows[i].reason)
			UNIT_TRUE(reason == NULL);
		else if (UNIT_TRUE(reason != NULL))
			UNIT_CONTAINS(rows[i].reason, reason);
		if (reason)
			UNIT_TRUE(strstr(reason, "secret") == NULL);
	}
}

static const struct unit_case dsn_cases[] = {
	{"connection strings that libpq would refuse are found",
	 connection_strings_that_libpq_would_refuse_are_found},
	{NULL, NULL},
};

int
main(void)
{
	const struct unit_suite suites[] = {
		{"parameters", param_cases},
		{"tables", table_cases},
		{"away", away_cases},
		{"a server that lets nobody in", refused_cases},
		{"connection strings", dsn_cases},
		{NULL, NULL},
	};

	hostmem_init();
	return unit_run(suites);
}
