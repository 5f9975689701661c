/* Configuration and secrets. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/config.h"
#include "test_base.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define HEX64 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* The configuration of a text, NULL when it is refused; `errors_r` gets the reports. */
static struct config *
read_text(const char *text, const char **errors_r)
{
	const char *path = unit_write("boxoffice.conf", text);
	struct config *config = NULL;
	struct buf errors;
	enum err err;

	buf_init(&errors, unit_arena());
	err = config_read(path, &errors, &config);
	*errors_r = buf_text(&errors);
	UNIT_I64(err == ERR_OK, config != NULL);
	if (config && config->problems > 0) {
		config_free(config);
		return NULL;
	}
	return config;
}

/* The only parameter that is yes or no stands in builds for tests alone. */
#ifdef ENABLE_TEST_ROUTES
#define HAS_TEST_ROUTES true
#define TEST_ROUTES(text) text
#else
#define HAS_TEST_ROUTES false
#define TEST_ROUTES(text) ""
#endif

/* --- config --- */

static void
an_empty_file_gives_the_defaults(void)
{
	const char *errors;
	struct config *config = read_text("", &errors);

	UNIT_TEXT("", errors);
	if (!UNIT_TRUE(config != NULL))
		return;
	UNIT_I64(4096, config->server_backlog);
	UNIT_I64(10000, config->server_request_deadline_ms);
	UNIT_FALSE(config_has_test_routes(config));
	UNIT_TEXT("info", config->log_level);
	UNIT_TEXT("dbname=boxoffice user=boxoffice_app", config->database_dsn);
	UNIT_TEXT("", config->database_read_dsn);
	UNIT_TEXT(BOXOFFICE_SQL_DIR, config->paths_sql_dir);
	UNIT_I64(0, config->pool_count);
	config_free(config);
}

static void
values_comments_and_pools_are_read(void)
{
	const char *errors;
	struct config *config = read_text(
		"\xef\xbb\xbf; a comment\n"
		"# another\n"
		"\n"
		"[server]\n"
		"  backlog = 100 ; why\n" TEST_ROUTES(
			"test_routes=yes\r\n") "run_dir: /tmp/run\n"
					       "[cache]\n"
					       "servers =\n"
					       "[pool booking]\n"
					       "workers = 8\n"
					       "[pool catalog]\n"
					       "socket = /tmp/c;d.sock\n"
					       "[database]\n"
					       "dsn = host=/tmp user=a password='b = c'\n",
		&errors);

	UNIT_TEXT("", errors);
	if (!UNIT_TRUE(config != NULL))
		return;
	UNIT_I64(100, config->server_backlog);
	UNIT_I64(HAS_TEST_ROUTES, config_has_test_routes(config));
	UNIT_TEXT("", config->cache_servers);
	UNIT_I64(2, config->pool_count);
	UNIT_TEXT("booking", config->pools[0].name);
	UNIT_I64(8, config->pools[0].workers);
	UNIT_I64(100000, config->pools[0].max_requests);
	UNIT_TEXT("/tmp/run/booking.sock", config->pools[0].socket);
	UNIT_I64(2, config->pools[1].workers);
	UNIT_TEXT("/tmp/c;d.sock", config->pools[1].socket);
	UNIT_TEXT("host=/tmp user=a password='b = c'", config->database_dsn);
	config_free(config);
}

static void
long_values_come_through_whole(void)
{
	struct arena *arena = unit_arena();
	char *folder = arena_alloc(arena, 1201);
	const char *dsn, *errors;
	struct config *config;

	for (size_t len = 100; len <= 1200; len += 37) {
		for (size_t i = 0; i < len; i++)
			folder[i] = "/deep folder;#=:"[i * 7 % 16];
		folder[0] = folder[len - 1] = 'x';
		for (char *c = folder + 1; *c != '\0'; c++) {
			if (*c == ';' && c[-1] == ' ')
				*c = '_'; /* would be a comment */
		}
		dsn = arena_printf(arena, "host='%s' dbname=boxoffice", folder);
		unit_row(dsn);
		config = read_text(
			arena_printf(
				arena,
				"[database]\ndsn = %s ; a comment; another ; %s\nretries = 7\n",
				dsn, dsn),
			&errors);
		UNIT_TEXT("", errors);
		if (!UNIT_TRUE(config != NULL))
			return;
		UNIT_TEXT(dsn, config->database_dsn);
		UNIT_I64(7, config->database_retries);
		config_free(config);
	}
}

struct refused_row {
	const char *name, *text, *report;
};

/* Each is refused, and the report names file and line. */
static void
check_refused(const struct refused_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *errors;

		unit_row(rows[i].name);
		if (!UNIT_TRUE(read_text(rows[i].text, &errors) == NULL))
			continue;
		UNIT_CONTAINS(rows[i].report, errors);
		UNIT_CONTAINS(unit_dir(), errors);
	}
}

static void
names_that_are_unknown_or_given_twice_are_refused(void)
{
	static const struct refused_row rows[] = {
		{"no section", "backlog = 100\n", ":1: backlog: before the first section"},
		{"unknown section", "[servers]\nx = 1\n", ":1: [servers]: unknown section"},
		{"unknown key", "[server]\n\nbacklogs = 1\n", ":3: server.backlogs: unknown key"},
		{"key of another section", "[log]\nbacklog = 100\n",
		 ":2: log.backlog: unknown key"},
		{"duplicate", "[server]\nbacklog = 20\nbacklog = 20\n",
		 ":3: server.backlog: given twice, first in line 2"},
		{"duplicate in a second section",
		 "[log]\nlevel = warn\n[server]\n[log]\nlevel = info\n",
		 ":5: log.level: given twice, first in line 2"},
	};

	check_refused(rows, COUNT_OF(rows));
}

static void
values_out_of_range_are_refused(void)
{
	static const struct refused_row rows[] = {
		{"no number", "[server]\nbacklog = many\n",
		 ":2: server.backlog: expected a whole number from 16 to 65535"},
		{"an empty number", "[server]\nbacklog =\n",
		 ":2: server.backlog: expected a whole number"},
		{"a number with a unit", "[server]\nbacklog = 100ms\n",
		 ":2: server.backlog: expected"},
		{"below the range", "[server]\nbacklog = 15\n", ":2: server.backlog: expected"},
		{"above the range", "[server]\nbacklog = 65536\n", ":2: server.backlog: expected"},
		{"no bool", "[server]\ntest_routes = maybe\n",
		 ":2: server.test_routes: expected yes or no"},
#ifndef ENABLE_TEST_ROUTES
		{"routes for tests", "[server]\ntest_routes = yes\n",
		 ":2: server.test_routes: this build has no routes for tests"},
#endif
		{"a relative path", "[server]\nrun_dir = run\n",
		 ":2: server.run_dir: expected an absolute"},
		{"an empty path", "[server]\nrun_dir =\n",
		 ":2: server.run_dir: expected an absolute path"},
		{"an empty dsn", "[database]\ndsn =\n",
		 ":2: database.dsn: expected a connection string"},
		{"a long text", "[log]\nlevel = information\n",
		 ":2: log.level: longer than 8 characters"},
		{"a level that is none", "[log]\nlevel = loud\n",
		 ":2: log.level: expected debug, info"},
		{"an unknown way to show addresses", "[log]\naddress = half\n",
		 ":2: log.address: expected whole, cut, hashed or none"},
		{"no address", "[server]\ntrusted_addresses = ::1 localhost\n",
		 "\"localhost\" is no"},
		{"no network", "[booking]\ntill_networks = 10.0.0.0/8 10.0.0.0/33\n",
		 ":2: booking.till_networks: \"10.0.0.0/33\" is no network"},
		{"a cache on a port that is none",
		 "[cache]\nservers = 127.0.0.1:11211 ::1 h:99999\n",
		 ":2: cache.servers: \"h:99999\": the port must be a number from 1 to 65535"},
		{"a cache without a host", "[cache]\nservers = :11211\n",
		 ":2: cache.servers: \":11211\": it has neither a name"},
		{"a cache at an address that is none", "[cache]\nservers = 127.0.0.256\n",
		 ":2: cache.servers: \"127.0.0.256\": it has neither a name"},
		{"a prefix with a space", "[cache]\nprefix = a b\n", ":2: cache.prefix: expected"},
	};

	check_refused(rows, COUNT_OF(rows));
}

static void
lines_that_are_no_assignment_are_refused(void)
{
	static const struct refused_row rows[] = {
		{"no equals sign", "[server]\nbacklog\n", ":2: expected key = value"},
		{"no key", "[server]\n= 7\n", ":2: the key is missing or too long"},
		{"text behind a section", "[server] x\n", ":1: expected [section] and nothing"},
		{"an open section", "[server\n", ":1: expected [section]"},
		{"an empty section", "[]\n", ":1: expected [section]"},
		{"no UTF-8", "[server]\nuser = \xff\n", ":2: the line is no UTF-8"},
	};

	check_refused(rows, COUNT_OF(rows));
}

static void
pools_that_are_wrong_are_refused(void)
{
	static const struct refused_row rows[] = {
		{"a pool without a name", "[pool ]\n", ":1: [pool ]: expected a name"},
		{"a pool with a capital", "[pool A]\n", ":1: [pool A]: expected a name"},
		{"a pool twice", "[pool a]\n[pool a]\n", ":2: [pool a]: the pool is there twice"},
		{"unknown key of a pool", "[pool a]\nworker = 1\n",
		 ":2: [pool a] worker: unknown key"},
		{"duplicate in a pool", "[pool a]\nworkers = 1\nworkers = 1\n",
		 ":3: [pool a] workers: given twice, first in line 2"},
		{"no workers", "[pool a]\nworkers = 0\n",
		 ":2: [pool a] workers: expected a whole number"},
		{"one socket for two", "[pool a]\nsocket = /s\n[pool b]\nsocket = /s\n",
		 ": [pool b] socket: the same as of [pool a]"},
		{"too many workers", "[pool a]\nworkers = 500\n[pool b]\nworkers = 500\n",
		 ": workers: 1000 in all pools are too many"},
		{"a long socket",
		 "[server]\nrun_dir = "
		 "/0123456789012345678901234567890123456789012345678901234567890"
		 "123456789012345678901234567890123456789\n[pool catalog]\n",
		 ": [pool catalog] socket: longer than the 107 bytes"},
	};

	check_refused(rows, COUNT_OF(rows));
}

static void
values_that_contradict_each_other_are_refused(void)
{
	static const struct refused_row rows[] = {
		{"stuck before the deadline", "[server]\nstuck_after_ms = 10000\n",
		 ":2: server.stuck_after_ms: must be above request_deadline_ms"},
		{"a statement past the deadline", "[database]\nstatement_timeout_ms = 10000\n",
		 ":2: database.statement_timeout_ms: must be below"},
		{"a lock past the statement", "[database]\nlock_timeout_ms = 5000\n",
		 ":2: database.lock_timeout_ms: must be below"},
		{"a connection past the deadline", "[database]\nconnect_timeout_ms = 10000\n",
		 ":2: database.connect_timeout_ms: must be below"},
		{"a refresh token shorter than access", "[auth]\nrefresh_ttl_s = 900\n",
		 ":2: auth.refresh_ttl_s: must be above access_ttl_s"},
	};

	check_refused(rows, COUNT_OF(rows));
}

static void
one_run_reports_every_error(void)
{
	const char *errors, *again;

	UNIT_TRUE(read_text("[server]\nbacklog = 1\nwrong = 1\n[nothing]\n[log]\nlevel = x\n",
			    &errors) == NULL);
	UNIT_TRUE(read_text("[server]\nrequest_deadline_ms = 20000\nstuck_after_ms = x\n",
			    &again) == NULL);
	UNIT_CONTAINS(":3: server.stuck_after_ms: expected a whole number", again);
	UNIT_TRUE(strstr(again, "must be above") == NULL); /* once for each parameter */
	UNIT_CONTAINS(":2: server.backlog", errors);
	UNIT_CONTAINS(":3: server.wrong: unknown key", errors);
	UNIT_CONTAINS(":4: [nothing]", errors);
	UNIT_CONTAINS(":6: log.level", errors);
}

static void
a_file_that_cannot_be_read_is_refused(void)
{
	const char *missing = arena_printf(unit_arena(), "%s/missing.conf", unit_dir());
	struct config *config = NULL;
	struct buf errors;

	buf_init(&errors, unit_arena());
	UNIT_I64(ERR_INVALID, config_read(missing, &errors, &config));
	UNIT_CONTAINS("missing.conf: No such file", buf_text(&errors));
	UNIT_I64(ERR_INVALID, config_read(unit_dir(), &errors, &config));
	UNIT_CONTAINS(": not a regular file", buf_text(&errors));
	UNIT_TRUE(config == NULL);
}

static void
what_is_shown_is_read_back_the_same(void)
{
	const char *text = "[server]\nbacklog = 77\n" TEST_ROUTES(
		"test_routes = yes\n") "[log]\nlevel = warn\n"
				       "[pool booking]\nworkers = 8\nmax_requests = 0\n[pool "
				       "admin]\n";
	struct config *config, *again;
	struct buf shown, twice;
	const char *errors;

	config = read_text(text, &errors);
	if (!UNIT_TRUE(config != NULL))
		return;
	buf_init(&shown, unit_arena());
	config_show(config, &shown);
	config_free(config);
	UNIT_CONTAINS("\n# a burst must queue, not fail: 128 gave 502 under 1000 clients\n"
		      "# 16 to 65535 connections, default 4096\n"
		      "backlog = 77\n",
		      buf_text(&shown));
	again = read_text(buf_text(&shown), &errors);
	UNIT_TEXT("", errors);
	if (!UNIT_TRUE(again != NULL))
		return;
	buf_init(&twice, unit_arena());
	config_show(again, &twice);
	UNIT_TEXT(buf_text(&shown), buf_text(&twice));
	config_free(again);
}

static void
the_defaults_are_shown_as_a_file_to_start_from(void)
{
	struct config *config;
	const char *errors;
	struct buf shown;

	buf_init(&shown, unit_arena());
	config_show(NULL, &shown);
	UNIT_CONTAINS("\n#[pool NAME]\n", buf_text(&shown));
	UNIT_CONTAINS("\n#workers = 2\n", buf_text(&shown));
	config = read_text(buf_text(&shown), &errors);
	UNIT_TEXT("", errors);
	UNIT_TRUE(config != NULL);
	config_free(config);
}

static void
passwords_of_a_dsn_are_not_shown(void)
{
	static const struct {
		const char *dsn, *shown;
	} rows[] = {
		{"dbname=b user=u", "dbname=b user=u"},
		{"dbname=b password=s3cret user=u", "dbname=b password=*** user=u"},
		{"password = 's3 \\'cret' user=u", "password = *** user=u"},
		{"user=u password=s3cret\\ s3cret", "user=u password=***"},
		{"sslpassword='s3cret", "sslpassword=***"},
		{"user=password host=/x", "user=password host=/x"},
		{"postgresql://u:s3cret@h:5432/b", "postgresql://u:***@h:5432/b"},
		{"postgres://u:s3@cret@h/b?sslmode=require",
		 "postgres://u:***@h/b?sslmode=require"},
		{"postgresql://h/b?user=u&password=s3cret&connect_timeout=2",
		 "postgresql://h/b?user=u&password=***&connect_timeout=2"},
		{"postgresql://u@h/b", "postgresql://u@h/b"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config *config;
		const char *errors;
		struct buf shown;

		unit_row(rows[i].dsn);
		config = read_text(
			arena_printf(unit_arena(), "[database]\ndsn = %s\n", rows[i].dsn), &errors);
		if (!UNIT_TRUE(config != NULL))
			continue;
		buf_init(&shown, unit_arena());
		config_show(config, &shown);
		config_free(config);
		UNIT_CONTAINS(arena_printf(unit_arena(), "\ndsn = %s\n", rows[i].shown),
			      buf_text(&shown));
		/* The first line has the path, whose end is random. */
		UNIT_TRUE(strstr(strchr(buf_text(&shown), '\n'), "s3") == NULL);
	}
}

static void
the_path_is_the_option_or_the_environment_or_the_installed_one(void)
{
	setenv("BOXOFFICE_CONF", "/tmp/env.conf", 1);
	UNIT_TEXT("/tmp/option.conf", config_path("/tmp/option.conf"));
	UNIT_TEXT("/tmp/env.conf", config_path(NULL));
	setenv("BOXOFFICE_CONF", "", 1);
	UNIT_TEXT(BOXOFFICE_CONF, config_path(NULL));
	unsetenv("BOXOFFICE_CONF");
	UNIT_TEXT(BOXOFFICE_CONF, config_path(NULL));
}

const struct unit_case config_cases[] = {
	{"an empty file gives the defaults", an_empty_file_gives_the_defaults},
	{"values, comments and pools are read", values_comments_and_pools_are_read},
	{"long values come through whole", long_values_come_through_whole},
	{"names that are unknown or given twice are refused",
	 names_that_are_unknown_or_given_twice_are_refused},
	{"values out of range are refused", values_out_of_range_are_refused},
	{"lines that are no assignment are refused", lines_that_are_no_assignment_are_refused},
	{"pools that are wrong are refused", pools_that_are_wrong_are_refused},
	{"values that contradict each other are refused",
	 values_that_contradict_each_other_are_refused},
	{"one run reports every error", one_run_reports_every_error},
	{"a file that cannot be read is refused", a_file_that_cannot_be_read_is_refused},
	{"what is shown is read back the same", what_is_shown_is_read_back_the_same},
	{"the defaults are shown as a file to start from",
	 the_defaults_are_shown_as_a_file_to_start_from},
	{"passwords of a DSN are not shown", passwords_of_a_dsn_are_not_shown},
	{"the path is the option, or the environment, or the installed one",
	 the_path_is_the_option_or_the_environment_or_the_installed_one},
	{NULL, NULL},
};

/* --- secrets --- */

static void
created_secrets_are_read_and_wiped(void)
{
	const char *path = arena_printf(unit_arena(), "%s/secrets.conf", unit_dir());
	struct secrets secrets, zeros;
	struct buf errors;
	struct stat info;

	buf_init(&errors, unit_arena());
	UNIT_I64(ERR_OK, secrets_create(path, &errors));
	UNIT_I64(0, stat(path, &info));
	UNIT_I64(0640, info.st_mode & 07777);
	UNIT_I64(ERR_CONFLICT, secrets_create(path, &errors));
	UNIT_CONTAINS("File exists", buf_text(&errors));
	if (!UNIT_I64(ERR_OK, secrets_read(path, 0, &errors, &secrets)))
		return;
	UNIT_I64(1, secrets.token_key_count);
	UNIT_I64(1, secrets.ticket_key_count);
	UNIT_I64(0, secrets.token_current);
	UNIT_I64(9, strlen(secrets.token_keys[0].id));
	UNIT_TRUE(memcmp(secrets.token_keys[0].bytes, secrets.ticket_keys[0].bytes, 32) != 0);
	secrets_wipe(&secrets);
	memset(&zeros, 0, sizeof(zeros));
	UNIT_I64(0, memcmp(&secrets, &zeros, sizeof(zeros)));
	remove(path);
}

static void
the_current_key_is_found_among_several(void)
{
	struct secrets secrets;
	struct buf errors;
	const char *path;

	buf_init(&errors, unit_arena());
	path = unit_write("secrets.conf", "[token]\n"
					  "old = " HEX64 "\n"
					  "current = new-1\n"
					  "new-1 = " HEX64 "\n"
					  "[ticket]\n"
					  "current = a\n"
					  "a = " HEX64 "\n");
	if (!UNIT_I64(ERR_OK, secrets_read(path, 0, &errors, &secrets)))
		return;
	UNIT_I64(2, secrets.token_key_count);
	UNIT_I64(1, secrets.token_current);
	UNIT_TEXT("new-1", secrets.token_keys[1].id);
	UNIT_I64(0x1f, secrets.token_keys[1].bytes[31]);
	secrets_wipe(&secrets);
}

static void
secrets_that_are_wrong_are_refused_without_showing_them(void)
{
#define TICKET "[ticket]\ncurrent = a\na = " HEX64 "\n"
	static const struct {
		const char *name, *text, *report;
	} rows[] = {
		{"nothing", "", ": [token]: current is missing"},
		{"no tickets", "[token]\ncurrent = a\na = " HEX64 "\n", ": [ticket]: current is"},
		{"no current", "[token]\na = " HEX64 "\n" TICKET, ": [token]: current is missing"},
		{"a current that is none", "[token]\ncurrent = b\na = " HEX64 "\n" TICKET,
		 ": [token]: current names no key"},
		{"current twice", "[token]\ncurrent = a\ncurrent = a\na = " HEX64 "\n" TICKET,
		 ":3: [token]: current is there twice"},
		{"a key twice", "[token]\ncurrent = a\na = " HEX64 "\na = " HEX64 "\n" TICKET,
		 ":4: [token]: a key id is there twice"},
		{"a short key", "[token]\ncurrent = a\na = 0001\n" TICKET,
		 ":3: [token]: expected 64 hex digits"},
		{"a long key", "[token]\ncurrent = a\na = " HEX64 "00\n" TICKET,
		 ":3: [token]: expected"},
		{"an empty key", "[token]\ncurrent = a\na =\n" TICKET,
		 ":3: [token]: expected 64 hex"},
		{"an id with a dot", "[token]\ncurrent = a\na.b = " HEX64 "\n" TICKET,
		 ":3: [token]: expected a key id"},
		{"another section", "[tokens]\n" TICKET, ":1: [tokens]: unknown section"},
		{"before a section", "a = " HEX64 "\n" TICKET, ":1: []: before the first section"},
		{"nine keys",
		 "[token]\ncurrent = a\na = " HEX64 "\nb = " HEX64 "\nc = " HEX64 "\nd = " HEX64
		 "\ne = " HEX64 "\nf = " HEX64 "\ng = " HEX64 "\nh = " HEX64 "\ni = " HEX64
		 "\n" TICKET,
		 ":11: [token]: too many keys"},
	};
#undef TICKET

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *path = unit_write("secrets.conf", rows[i].text);
		struct secrets secrets = {.token_key_count = 77};
		struct buf errors;

		buf_init(&errors, unit_arena());
		unit_row(rows[i].name);
		UNIT_I64(ERR_INVALID, secrets_read(path, 0, &errors, &secrets));
		UNIT_I64(77, secrets.token_key_count);
		UNIT_CONTAINS(rows[i].report, buf_text(&errors));
		UNIT_TRUE(strstr(buf_text(&errors), "0102") == NULL);
	}
}

static void
secrets_that_others_may_use_are_refused(void)
{
	static const struct {
		mode_t mode;
		enum err err;
	} rows[] = {
		{0600, ERR_OK},      {0640, ERR_OK},      {0400, ERR_OK},
		{0644, ERR_INVALID}, {0660, ERR_INVALID}, {0602, ERR_INVALID},
	};
	const char *path = unit_write("secrets.conf", "[token]\ncurrent = a\na = " HEX64
						      "\n[ticket]\ncurrent = a\na = " HEX64 "\n");

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct secrets secrets;
		struct buf errors;

		buf_init(&errors, unit_arena());
		unit_row(arena_printf(unit_arena(), "mode %o", rows[i].mode));
		UNIT_I64(0, chmod(path, rows[i].mode));
		if (!UNIT_I64(rows[i].err, secrets_read(path, 0, &errors, &secrets)))
			continue;
		if (rows[i].err == ERR_OK)
			secrets_wipe(&secrets);
		else
			UNIT_CONTAINS("others may use it", buf_text(&errors));
	}
	chmod(path, 0600);
}

const struct unit_case secrets_cases[] = {
	{"created secrets are read and wiped", created_secrets_are_read_and_wiped},
	{"the current key is found among several", the_current_key_is_found_among_several},
	{"secrets that are wrong are refused without showing them",
	 secrets_that_are_wrong_are_refused_without_showing_them},
	{"secrets that others may use are refused", secrets_that_others_may_use_are_refused},
	{NULL, NULL},
};
