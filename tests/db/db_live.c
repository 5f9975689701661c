/*
 * The database layer against a real PostgreSQL. test_live.py starts a private server and passes
 *   BOXOFFICE_TEST_DSN            a connection string of its superuser
 *   BOXOFFICE_TEST_STOP, _START   shell commands that stop (immediately) and start it
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"
#include "host/hostmem.h"
#include "db/db.h"
#include "unit.h"

static struct db *db;
static struct failure failure;
static const char *outcome, *result;

static struct db_options options = {
	.application = "db-live",
	.connect_timeout_ms = 1000,
	.statement_timeout_ms = 700,
	.lock_timeout_ms = 300,
	.retries = 2,
};

static enum err
call(const char *function)
{
	struct db_params params;

	failure_init(&failure, unit_arena());
	db_params_init(&params, unit_arena());
	outcome = result = NULL;
	return db_call(db, function, &params, unit_arena(), &failure, &outcome, &result);
}

static void
script(const char *text)
{
	failure_init(&failure, unit_arena());
	if (!UNIT_I64(ERR_OK, db_script(db, text, &failure)))
		UNIT_TEXT("", failure.log_detail);
}

static const char *
query(const char *text)
{
	const struct db_rows *rows;

	failure_init(&failure, unit_arena());
	if (!UNIT_I64(ERR_OK, db_query(db, text, unit_arena(), &failure, &rows)))
		return failure.log_detail;
	return db_rows_count(rows) > 0 ? db_text(rows, 0, "v") : NULL;
}

/* Function t.NAME() with that body. */
static void
define(const char *name, const char *body)
{
	script(arena_printf(unit_arena(),
			    "CREATE OR REPLACE FUNCTION t.%s() RETURNS TABLE (outcome text, result "
			    "json) LANGUAGE plpgsql AS $$\nBEGIN\n%s\nEND $$",
			    name, body));
}

static void
restart_counters(void)
{
	script("ALTER SEQUENCE t.attempts RESTART");
}

static void
test_plain(void)
{
	define("plain", "RETURN QUERY SELECT 'ok', '{\"a\": 1}'::json;");
	for (int i = 0; i < 20; i++) {
		UNIT_I64(ERR_OK, call("t.plain"));
		UNIT_TEXT("ok", outcome);
		UNIT_TEXT("{\"a\": 1}", result);
	}
	define("nothing", "RETURN QUERY SELECT 'not_found', NULL::json;");
	UNIT_I64(ERR_OK, call("t.nothing"));
	UNIT_TEXT("not_found", outcome);
	UNIT_TEXT(NULL, result);
	define("none", "RETURN;");
	UNIT_I64(ERR_INTERNAL, call("t.none"));
	UNIT_I64(ERR_INTERNAL, call("t.missing"));
	UNIT_CONTAINS("42883", failure.log_detail);
	UNIT_I64(ERR_OK, call("t.plain"));
}

static void
test_session(void)
{
	static const char *const rows[][2] = {
		{"search_path", "pg_catalog,pg_temp"},
		{"TimeZone", "UTC"},
		{"jit", "off"},
		{"client_encoding", "UTF8"},
		{"default_transaction_isolation", "read committed"},
		{"statement_timeout", "700ms"},
		{"lock_timeout", "300ms"},
		{"idle_in_transaction_session_timeout", "700ms"},
		{"application_name", "db-live"},
		/* Of the server's end, which is asked over TCP. */
		{"tcp_keepalives_idle", "10"},
		{"tcp_keepalives_interval", "3"},
		{"tcp_keepalives_count", "3"},
		{"tcp_user_timeout", "10000"},
		{"work_mem", "5MB"}, /* from the options of the connection string */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *got;

		unit_row(rows[i][0]);
		got = query(arena_printf(unit_arena(), "SELECT current_setting('%s') AS v",
					 rows[i][0]));
		UNIT_TRUE(got && (strcmp(got, rows[i][1]) == 0 || (i == 0 && strlen(got) == 0)));
	}
}

static void
test_values(void)
{
	static const char *const texts[] = {"", "NULL", NULL, "a\"b\\c", "{,}", " \xed\x95\x9c "};
	static const int64_t numbers[] = {3, -1, INT64_MAX};
	struct db_params params;
	struct uuid uuid, got;

	script("CREATE FUNCTION t.echo(a text[], b bigint[], c uuid, d uuid[], e bytea, f "
	       "timestamptz,"
	       " g bool, h text) RETURNS TABLE (outcome text, result json) LANGUAGE sql AS "
	       "$$SELECT c::text, pg_catalog.json_build_array(a, b, d[1] = c, e, "
	       "extract(epoch FROM f)::bigint, g, h)$$");
	uuid_new(&uuid);
	db_params_init(&params, unit_arena());
	db_put_texts(&params, texts, 6);
	db_put_i64s(&params, numbers, 3);
	db_put_uuid(&params, &uuid);
	db_put_uuids(&params, &uuid, 1);
	db_put_bytes(&params, "\0\xff", 2);
	db_put_time(&params, 1795255800);
	db_put_bool(&params, true);
	db_put_text(&params, NULL);
	UNIT_I64(ERR_OK, db_call(db, "t.echo", &params, unit_arena(), NULL, &outcome, &result));
	UNIT_TRUE(outcome && uuid_parse(outcome, strlen(outcome), &got) &&
		  uuid_is_equal(&uuid, &got));
	UNIT_TEXT("[[\"\",\"NULL\",null,\"a\\\"b\\\\c\",\"{,}\",\" \xed\x95\x9c \"], "
		  "[3,-1,9223372036854775807], true, \"\\\\x00ff\", 1795255800, true, null]",
		  result);
}

static void
test_rows(void)
{
	const struct db_rows *rows = NULL;
	struct uuid uuid;

	UNIT_I64(ERR_OK, db_query(db,
				  "SELECT g AS n, g = 2 AS b, NULL::int AS z, 'x'||g AS t, "
				  "'0f0e0d0c-0b0a-4908-8706-050403020100'::uuid AS u "
				  "FROM generate_series(1, 3) AS g",
				  unit_arena(), NULL, &rows));
	UNIT_I64(3, db_rows_count(rows));
	for (size_t i = 0; i < 3; i++) {
		UNIT_I64(i + 1, db_i64(rows, i, "n"));
		UNIT_I64(i == 1, db_bool(rows, i, "b"));
		UNIT_TRUE(db_is_null(rows, i, "z"));
		UNIT_I64(0, db_i64(rows, i, "z"));
		UNIT_I64(2, db_length(rows, i, "t"));
		UNIT_TRUE(db_uuid(rows, i, "u", &uuid));
		UNIT_FALSE(db_uuid(rows, i, "t", &uuid));
		UNIT_FALSE(db_uuid(rows, i, "z", &uuid));
	}
}

/* Every statement of the function went well; the commit did not. */
static void
test_deferred(void)
{
	script("CREATE TABLE t.rows (n int CONSTRAINT rows_n_key UNIQUE DEFERRABLE INITIALLY "
	       "DEFERRED)");
	define("defer", "INSERT INTO t.rows VALUES (1), (1);"
			"RETURN QUERY SELECT 'ok', '{}'::json;");
	UNIT_I64(ERR_INTERNAL, call("t.defer"));
	UNIT_CONTAINS("23505", failure.log_detail);
	UNIT_CONTAINS("rows_n_key", failure.log_detail);
	UNIT_TEXT(NULL, outcome);
	UNIT_TEXT("0", query("SELECT count(*) AS v FROM t.rows"));
}

static void
test_serialization(void)
{
	uint64_t retries = hostmem_total(METRIC_DB_RETRIES);

	restart_counters();
	define("flaky", "IF nextval('t.attempts') < 3 THEN"
			" RAISE EXCEPTION 'x' USING ERRCODE = 'serialization_failure'; END IF;"
			"RETURN QUERY SELECT 'ok', '{}'::json;");
	UNIT_I64(ERR_OK, call("t.flaky"));
	UNIT_I64(retries + 2, hostmem_total(METRIC_DB_RETRIES));
	restart_counters();
	define("deadlock", "PERFORM nextval('t.attempts');"
			   "RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected';");
	UNIT_I64(ERR_RETRY, call("t.deadlock"));
	UNIT_I64(CODE_UNAVAILABLE, failure.code);
	UNIT_TEXT("3", query("SELECT last_value AS v FROM t.attempts"));
}

/* At the commit as well. */
static void
test_serialization_at_commit(void)
{
	restart_counters();
	script("CREATE TABLE t.late (n int);"
	       "CREATE FUNCTION t.late_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
	       "IF nextval('t.attempts') < 2 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END "
	       "IF;"
	       "RETURN NULL; END $$;"
	       "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t.late DEFERRABLE INITIALLY "
	       "DEFERRED "
	       "FOR EACH ROW EXECUTE FUNCTION t.late_check()");
	define("late", "INSERT INTO t.late VALUES (1); RETURN QUERY SELECT 'ok', '{}'::json;");
	UNIT_I64(ERR_OK, call("t.late"));
	UNIT_TEXT("2", query("SELECT last_value AS v FROM t.attempts"));
	UNIT_TEXT("1", query("SELECT count(*) AS v FROM t.late"));
}

/* Another session ends ours. */
static void
kill_idle(void)
{
	struct db *other = db_new(&options);

	UNIT_I64(ERR_OK, db_script(other,
				   "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
				   "WHERE application_name = 'db-live' AND pid <> pg_backend_pid()",
				   NULL));
	db_free(other);
}

static void
test_killed_idle(void)
{
	uint32_t session = db_session(db);
	uint64_t errors = hostmem_total(METRIC_DB_ERRORS);

	kill_idle();
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_I64(session + 1, db_session(db));
	UNIT_I64(errors, hostmem_total(METRIC_DB_ERRORS));
}

static void
test_killed_in_call(void)
{
	uint32_t session = db_session(db);

	restart_counters();
	define("suicide", "IF nextval('t.attempts') < 2 THEN"
			  " PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5);"
			  "END IF; RETURN QUERY SELECT 'ok', '{}'::json;");
	UNIT_I64(ERR_OK, call("t.suicide"));
	UNIT_TEXT("ok", outcome);
	UNIT_I64(session + 1, db_session(db));
	define("doomed", "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5);");
	UNIT_I64(ERR_UNKNOWN, call("t.doomed"));
	UNIT_I64(CODE_UNAVAILABLE, failure.code);
	UNIT_I64(ERR_OK, call("t.plain"));
}

static void
test_new_plan(void)
{
	UNIT_I64(ERR_OK, call("t.plain"));
	script("DROP FUNCTION t.plain(); CREATE FUNCTION t.plain() RETURNS TABLE (result text, "
	       "outcome "
	       "text) LANGUAGE sql AS $$ SELECT 'r', 'ok' $$");
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_TEXT("r", result);
	script("DEALLOCATE ALL");
	UNIT_I64(ERR_OK, call("t.plain"));
	script("DROP FUNCTION t.plain()");
	define("plain", "RETURN QUERY SELECT 'ok', '{}'::json;");
	UNIT_I64(ERR_OK, call("t.plain"));
	define("unsupported", "RAISE EXCEPTION 'x' USING ERRCODE = '0A000';");
	UNIT_I64(ERR_INTERNAL, call("t.unsupported"));
}

static void
test_timeouts(void)
{
	int64_t start = clock_mono_ms();
	struct db *other = db_new(&options);
	const struct db_rows *rows;

	define("slow", "PERFORM pg_sleep(5);");
	UNIT_I64(ERR_RETRY, call("t.slow"));
	UNIT_CONTAINS("57014", failure.log_detail);
	UNIT_TRUE(clock_mono_ms() - start < 1500);

	start = clock_mono_ms();
	db_set_deadline(db, start + 100);
	UNIT_I64(ERR_UNKNOWN, call("t.slow"));
	UNIT_CONTAINS("deadline", failure.log_detail);
	UNIT_TRUE(clock_mono_ms() - start < 250);
	db_set_deadline(db, clock_mono_ms() + 100);
	UNIT_I64(ERR_RETRY, db_query(db, "SELECT pg_sleep(5)", unit_arena(), NULL, &rows));
	db_set_deadline(db, 0);
	UNIT_I64(ERR_OK, call("t.plain"));

	UNIT_I64(ERR_OK, db_script(other, "SELECT pg_advisory_lock(7)", NULL));
	define("lock", "PERFORM pg_advisory_xact_lock(7); RETURN QUERY SELECT 'ok', NULL::json;");
	UNIT_I64(ERR_RETRY, call("t.lock"));
	UNIT_CONTAINS("55P03", failure.log_detail);
	db_free(other);
	UNIT_I64(ERR_OK, call("t.lock"));
}

static void
test_private_texts(void)
{
	define("leak", "RETURN QUERY SELECT ('buyer@' || 'example.com')::uuid::text, '{}'::json;");
	UNIT_I64(ERR_INTERNAL, call("t.leak"));
	UNIT_CONTAINS("22P02", failure.log_detail);
	UNIT_TRUE(strstr(failure.log_detail, "buyer") == NULL);
	UNIT_TEXT(NULL, failure.detail);
}

static void
test_script(void)
{
	failure_init(&failure, unit_arena());
	UNIT_I64(ERR_INTERNAL,
		 db_script(db,
			   "CREATE TABLE t.half (n int);\n\nSELECT '\xed\x95\x9c' FROM t.nowhere;",
			   &failure));
	UNIT_CONTAINS("line 3: 42P01 ", failure.log_detail);
	UNIT_TEXT(NULL, query("SELECT to_regclass('t.half')::text AS v"));
	/* A transaction left open by a text is not left to the next caller. */
	UNIT_I64(ERR_UNKNOWN, db_script(db, "BEGIN; SELECT 1", NULL));
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_TRUE(db_script(db, "COPY t.rows FROM STDIN", NULL) != ERR_OK);
	UNIT_I64(ERR_OK, call("t.plain"));
}

static void
test_block(void)
{
	failure_init(&failure, unit_arena());
	UNIT_I64(ERR_OK, db_begin(db, &failure));
	script("CREATE TABLE t.block (n int)");
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_I64(ERR_OK, db_commit(db, &failure));
	UNIT_TEXT("t.block", query("SELECT to_regclass('t.block')::text AS v"));
	/* Nothing is committed of what failed, and of what was lost. */
	UNIT_I64(ERR_OK, db_begin(db, &failure));
	script("DROP TABLE t.block");
	UNIT_I64(ERR_INTERNAL, db_script(db, "SELECT FROM t.nowhere", &failure));
	UNIT_TRUE(db_commit(db, &failure) != ERR_OK);
	UNIT_I64(ERR_OK, db_begin(db, &failure));
	script("DROP TABLE t.block");
	UNIT_TRUE(db_script(db, "SELECT pg_terminate_backend(pg_backend_pid())", NULL) != ERR_OK);
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_TRUE(db_commit(db, &failure) != ERR_OK);
	UNIT_TEXT("t.block", query("SELECT to_regclass('t.block')::text AS v"));
	script("DROP TABLE t.block");
}

/* More each way than the buffers of the socket hold. */
static void
test_large(void)
{
	const size_t count = 100000;
	const char **texts = arena_calloc(unit_arena(), count, sizeof(*texts));
	struct db_params params;

	script("CREATE FUNCTION t.large(a text[]) RETURNS TABLE (outcome text, result json) "
	       "LANGUAGE sql "
	       "AS $$SELECT 'ok', pg_catalog.to_json(a)$$");
	for (size_t i = 0; i < count; i++)
		texts[i] = "A-1 \"quoted\"";
	db_params_init(&params, unit_arena());
	db_put_texts(&params, texts, count);
	UNIT_I64(ERR_OK, db_call(db, "t.large", &params, unit_arena(), NULL, &outcome, &result));
	UNIT_I64(17 * count + 1, result ? strlen(result) : 0);
}

static void
sleep_ms(long ms)
{
	const struct timespec span = {0, ms * 1000000};

	nanosleep(&span, NULL);
}

static void
test_stopped(void)
{
	int64_t start;

	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_I64(0, system(getenv("BOXOFFICE_TEST_STOP")));
	start = clock_mono_ms();
	for (int i = 0; i < 100; i++)
		UNIT_I64(ERR_RETRY, call("t.plain"));
	UNIT_I64(CODE_UNAVAILABLE, failure.code);
	UNIT_FALSE(db_is_connected(db));
	UNIT_TRUE(clock_mono_ms() - start < 500);
	UNIT_I64(0, system(getenv("BOXOFFICE_TEST_START")));
	start = clock_mono_ms();
	while (call("t.plain") != ERR_OK && clock_mono_ms() - start < 1000)
		sleep_ms(5);
	UNIT_I64(ERR_OK, call("t.plain"));
	UNIT_TRUE(clock_mono_ms() - start < 1000);
}

/* Not a test of speed: only what a call costs beside the server must not grow by orders. */
static void
test_many(void)
{
	int64_t start = clock_mono_us();

	db_stat_reset(db);
	for (int i = 0; i < 5000; i++) {
		if (call("t.plain") != ERR_OK || strcmp(outcome, "ok") != 0)
			UNIT_TEXT("ok", failure.log_detail);
	}
	UNIT_I64(5000, db_stat(db).calls);
	UNIT_TRUE(db_stat(db).us <= clock_mono_us() - start);
	UNIT_TRUE(clock_mono_us() - start < 10000000);
	/* Read by test_live.py -s. */
	unit_row(arena_printf(unit_arena(), "%lld us a call", (long long)db_stat(db).us / 5000));
}

static const struct unit_case cases[] = {
	{"a function answers with outcome and result", test_plain},
	{"the session has our settings", test_session},
	{"each kind of parameter arrives as it was", test_values},
	{"rows are read by column", test_rows},
	{"a deferred constraint that fails at commit is an error", test_deferred},
	{"serialization failures and deadlocks are repeated, not for ever", test_serialization},
	{"a serialization failure at commit is repeated", test_serialization_at_commit},
	{"a session killed while idle is replaced unseen", test_killed_idle},
	{"a session killed in a call is replaced and the call repeated", test_killed_in_call},
	{"a statement whose plan is no longer good is prepared anew", test_new_plan},
	{"time-outs of server and caller are 503", test_timeouts},
	{"errors that quote values keep them out of the log", test_private_texts},
	{"a script is one transaction and says the line of its error", test_script},
	{"a block of several calls is one transaction, or nothing", test_block},
	{"much is sent and received", test_large},
	{"a server that stops is 503 at once and used within 1 s of its return", test_stopped},
	{"many calls use one session", test_many},
	{NULL, NULL},
};

int
main(void)
{
	const struct unit_suite suites[] = {{"database", cases}, {NULL, NULL}};
	int status;

	options.dsn = getenv("BOXOFFICE_TEST_DSN");
	if (!options.dsn)
		return 77;
	hostmem_init();
	db = db_new(&options);
	if (db_script(db, "CREATE SCHEMA t; CREATE SEQUENCE t.attempts", NULL) != ERR_OK)
		return 1;
	status = unit_run(suites);
	db_free(db);
	return status;
}
