/*
 * boxofficectl db …, demo load.
 *
 * What was applied is written in the same transaction as the file itself (sql/ops.sql says how), so a
 * migration is there and listed, or neither. Nothing is applied before everything that was applied
 * earlier has been found unchanged.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/config.h"
#include "core/outcome.h"
#include "db/db.h"
#include "ctl/ctl.h"
#include "ctl/sqlfile.h"

#define SCRIPT_TIMEOUT_MS 600000 /* a migration may move a lot of rows */
#define LOOK_TIMEOUT_MS 10000
#define LOCK_WAIT_MS 60000 /* for another `db migrate` */
#define LOCK_POLL_MS 200
#define PARTITION_DAYS 14
#define PARTITIONS_LEAST 3 /* days of event log ahead: below, readyz warns */

/* --- what is in the database --- */

static bool
is_yes(const struct db_rows *rows, const char *column)
{
	return db_bool(rows, 0, column);
}

/* Refuses a database in which Korean text cannot be folded and compared. */
static int
check_facts(struct ctl *ctl, bool *is_initialised_r)
{
	const struct db_rows *rows;
	struct db_params none;

	db_params_init(&none, ctl->core.arena);
	if (db_read(ctl->core.db, "db_facts", &none, ctl->core.arena, ctl->core.failure, &rows) !=
	    ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the database's settings");
	if (strcmp(db_text(rows, 0, "encoding"), "UTF8") != 0)
		return ctl_fail("the database has encoding %s: UTF8 is required",
				db_text(rows, 0, "encoding"));
	if (!is_yes(rows, "is_ctype_utf8"))
		return ctl_fail("the database has LC_CTYPE \"%s\": a UTF-8 one is required (Korean "
				"search); create it with LC_CTYPE 'C.UTF-8'",
				db_text(rows, 0, "ctype"));
	*is_initialised_r = is_yes(rows, "is_initialised");
	return EXIT_SUCCESS;
}

static enum err
read_applied(struct ctl *ctl, const struct db_rows **rows_r)
{
	struct db_params none;

	db_params_init(&none, ctl->core.arena);
	return db_read(ctl->core.db, "db_applied", &none, ctl->core.arena, ctl->core.failure,
		       rows_r);
}

/* Its row, or -1. */
static int
find_applied(const struct db_rows *rows, const char *kind, const char *name)
{
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		if (strcmp(db_text(rows, i, "kind"), kind) == 0 &&
		    strcmp(db_text(rows, i, "name"), name) == 0)
			return (int)i;
	}
	return -1;
}

enum file_state { FILE_DUE, FILE_APPLIED, FILE_CHANGED };

static enum file_state
file_state(const struct db_rows *rows, const char *kind, const struct sqlfile *file)
{
	int row = find_applied(rows, kind, file->name);

	if (row < 0)
		return FILE_DUE;
	return strcmp(db_text(rows, (size_t)row, "checksum"), file->checksum) == 0 ? FILE_APPLIED
										   : FILE_CHANGED;
}

/* --- the files, and whether they fit what was applied --- */

struct schema {
	struct sqlfile ops;     /* ops.sql */
	struct sqlfile applied; /* ops_applied.sql */
	struct sqlfiles migrations;
	struct sqlfiles functions;
};

static int
read_schema(struct ctl *ctl, struct schema *schema)
{
	const char *dir = ctl->config->paths_sql_dir;
	struct arena *arena = ctl->core.arena;
	struct failure *failure = ctl->core.failure;

	if (sqlfile_read(arena, failure, dir, "ops.sql", &schema->ops) != ERR_OK ||
	    sqlfile_read(arena, failure, dir, "ops_applied.sql", &schema->applied) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "migrations", &schema->migrations) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "functions", &schema->functions) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the schema");
	return EXIT_SUCCESS;
}

static bool
has_file(const struct sqlfiles *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->files[i].name, name) == 0)
			return true;
	}
	return false;
}

/* 0001_name.sql, 0002_…: every number once, none left out. */
static int
check_numbers(const struct sqlfiles *migrations)
{
	for (size_t i = 0; i < migrations->count; i++) {
		const char *name = migrations->files[i].name;
		int64_t number = 0;
		size_t digits = strspn(name, "0123456789");

		for (size_t d = 0; d < digits && d < 9; d++)
			number = number * 10 + (name[d] - '0');
		if (digits != 4 || name[4] != '_' || number != (int64_t)i + 1)
			return ctl_fail("migration %s should be number %04zu", name, i + 1);
	}
	return EXIT_SUCCESS;
}

/* What was applied must be what the files say, in their order, with nothing behind it. */
static int
check_applied(const struct schema *schema, const struct db_rows *rows)
{
	const char *due = NULL;

	for (size_t i = 0; i < schema->migrations.count; i++) {
		const struct sqlfile *file = &schema->migrations.files[i];
		enum file_state state = file_state(rows, "migration", file);

		if (state == FILE_CHANGED)
			return ctl_fail("migration %s was changed after it was applied: write "
					"another one instead",
					file->name);
		if (state == FILE_APPLIED && due)
			return ctl_fail("migration %s was applied, but not %s before it",
					file->name, due);
		if (state == FILE_DUE && !due)
			due = file->name;
	}
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		if (strcmp(db_text(rows, i, "kind"), "migration") == 0 &&
		    !has_file(&schema->migrations, db_text(rows, i, "name")))
			return ctl_fail("the database has migration %s, which this program does "
					"not know: it is newer",
					db_text(rows, i, "name"));
	}
	return EXIT_SUCCESS;
}

static int
check_nothing_due(const struct schema *schema, const struct db_rows *rows)
{
	for (size_t i = 0; i < schema->migrations.count; i++) {
		const struct sqlfile *file = &schema->migrations.files[i];

		if (file_state(rows, "migration", file) != FILE_APPLIED)
			return ctl_fail("migration %s is due: boxofficectl db migrate", file->name);
	}
	for (size_t i = 0; i < schema->functions.count; i++) {
		const struct sqlfile *file = &schema->functions.files[i];

		if (file_state(rows, "functions", file) != FILE_APPLIED)
			return ctl_fail("functions %s are due: boxofficectl db migrate",
					file->name);
	}
	return EXIT_SUCCESS;
}

/* --- applying --- */

/* One `db migrate` or `demo load` at a time; the lock goes with the connection. */
static int
take_lock(struct ctl *ctl)
{
	const int64_t until_ms = clock_mono_ms() + LOCK_WAIT_MS;
	const struct timespec pause = {0, LOCK_POLL_MS * 1000000L};
	const struct db_rows *rows;
	struct db_params params;

	for (;;) {
		db_params_init(&params, ctl->core.arena);
		db_put_text(&params, "db migrate");
		if (db_read(ctl->core.db, "session_lock", &params, ctl->core.arena,
			    ctl->core.failure, &rows) != ERR_OK)
			return ctl_fail_recorded(ctl, "could not take the lock");
		if (is_yes(rows, "is_taken"))
			return EXIT_SUCCESS;
		if (clock_mono_ms() > until_ms)
			return ctl_fail("another boxofficectl is at work on this database");
		nanosleep(&pause, NULL);
	}
}

static int
apply(struct ctl *ctl, const struct schema *schema, const char *kind, const struct sqlfile *file)
{
	struct arena *arena = ctl->core.arena;
	struct db_params params;
	struct outcome outcome;

	db_params_init(&params, arena);
	db_put_text(&params, kind);
	db_put_text(&params, file->name);
	db_put_text(&params, file->checksum);
	if (outcome_do(&ctl->core, "ops.announce", &params, &outcome) != ERR_OK ||
	    db_script(ctl->core.db,
		      arena_printf(arena, "%s\n;\n%s", file->text, schema->applied.text),
		      ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, arena_printf(arena, "%s %s", kind, file->name));
	return EXIT_SUCCESS;
}

static int
apply_due(struct ctl *ctl, const struct schema *schema, const struct db_rows *rows,
	  const char *kind, const struct sqlfiles *files)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < files->count && status == EXIT_SUCCESS; i++) {
		if (file_state(rows, kind, &files->files[i]) != FILE_APPLIED)
			status = apply(ctl, schema, kind, &files->files[i]);
	}
	return status;
}

static void
print_due(const struct db_rows *rows, const char *kind, const struct sqlfiles *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (file_state(rows, kind, &files->files[i]) != FILE_APPLIED)
			printf("%s %s\n", kind, files->files[i].name);
	}
}

/* All or nothing: a program that runs meanwhile waits, and finds tables and functions of one version. */
static int
apply_schema(struct ctl *ctl, const struct schema *schema, const struct db_rows *rows)
{
	int status;

	if (db_begin(ctl->core.db, ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not begin");
	if ((status = apply_due(ctl, schema, rows, "migration", &schema->migrations)) !=
		    EXIT_SUCCESS ||
	    (status = apply_due(ctl, schema, rows, "functions", &schema->functions)) !=
		    EXIT_SUCCESS)
		return status;
	if (db_commit(ctl->core.db, ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not commit");
	print_due(rows, "migration", &schema->migrations);
	print_due(rows, "functions", &schema->functions);
	return EXIT_SUCCESS;
}

static int
make_partitions(struct ctl *ctl)
{
	struct db_params params;
	struct outcome outcome;

	db_params_init(&params, ctl->core.arena);
	db_put_i64(&params, PARTITION_DAYS);
	if (outcome_do(&ctl->core, "log.partitions_make", &params, &outcome) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not make the event log's partitions");
	return EXIT_SUCCESS;
}

int
ctl_db_migrate(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	struct schema schema;
	bool is_initialised;
	int status;

	(void)args;
	if ((status = read_schema(ctl, &schema)) != EXIT_SUCCESS ||
	    (status = check_numbers(&schema.migrations)) != EXIT_SUCCESS ||
	    (status = ctl_connect(ctl, SCRIPT_TIMEOUT_MS)) != EXIT_SUCCESS ||
	    (status = check_facts(ctl, &is_initialised)) != EXIT_SUCCESS ||
	    (status = take_lock(ctl)) != EXIT_SUCCESS)
		return status;
	if (db_script(ctl->core.db, schema.ops.text, ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, "ops.sql");
	if (read_applied(ctl, &rows) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if ((status = check_applied(&schema, rows)) != EXIT_SUCCESS ||
	    (status = apply_schema(ctl, &schema, rows)) != EXIT_SUCCESS ||
	    (status = make_partitions(ctl)) != EXIT_SUCCESS)
		return status;
	puts("the schema is up to date");
	return EXIT_SUCCESS;
}

/* --- looking --- */

/* What was applied without a file of that name is called `otherwise`. */
static void
print_files(const struct db_rows *rows, const char *kind, const struct sqlfiles *files,
	    const char *otherwise)
{
	static const char *const words[] = {
		[FILE_DUE] = "due", [FILE_APPLIED] = "applied", [FILE_CHANGED] = "changed"};

	for (size_t i = 0; i < files->count; i++) {
		const struct sqlfile *file = &files->files[i];
		int row = find_applied(rows, kind, file->name);

		printf("%-8s %-10s %-28s %s\n", words[file_state(rows, kind, file)], kind,
		       file->name, row < 0 ? "" : db_text(rows, (size_t)row, "applied_at"));
	}
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		if (strcmp(db_text(rows, i, "kind"), kind) == 0 &&
		    !has_file(files, db_text(rows, i, "name")))
			printf("%-8s %-10s %-28s %s\n", otherwise, kind, db_text(rows, i, "name"),
			       db_text(rows, i, "applied_at"));
	}
}

/* Reads the files and what was applied, for commands that change nothing of the schema. */
static int
look(struct ctl *ctl, int64_t timeout_ms, struct schema *schema, const struct db_rows **rows_r)
{
	bool is_initialised;
	int status;

	if ((status = read_schema(ctl, schema)) != EXIT_SUCCESS ||
	    (status = ctl_connect(ctl, timeout_ms)) != EXIT_SUCCESS ||
	    (status = check_facts(ctl, &is_initialised)) != EXIT_SUCCESS)
		return status;
	if (!is_initialised)
		return ctl_fail("the database is empty: boxofficectl db migrate makes the schema");
	if (read_applied(ctl, rows_r) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	return EXIT_SUCCESS;
}

int
ctl_db_status(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	struct schema schema;
	int status = look(ctl, LOOK_TIMEOUT_MS, &schema, &rows);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	print_files(rows, "migration", &schema.migrations, "unknown");
	print_files(rows, "functions", &schema.functions, "unknown");
	print_files(rows, "seed", &(struct sqlfiles){NULL, 0}, "applied");
	return EXIT_SUCCESS;
}

static int
check_log(struct ctl *ctl)
{
	const struct db_rows *rows;
	struct db_params none;

	db_params_init(&none, ctl->core.arena);
	if (db_read(ctl->core.db, "ready", &none, ctl->core.arena, ctl->core.failure, &rows) !=
	    ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the event log");
	if (db_i64(rows, 0, "partitions_ahead") < PARTITIONS_LEAST)
		return ctl_fail("the event log has partitions for %s days ahead: at least %d are "
				"wanted; boxofficectl db migrate makes them",
				db_text(rows, 0, "partitions_ahead"), PARTITIONS_LEAST);
	db_params_init(&none, ctl->core.arena);
	if (db_read(ctl->core.db, "cursors_ahead", &none, ctl->core.arena, ctl->core.failure,
		    &rows) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the readers of the event log");
	if (db_rows_count(rows) > 0)
		return ctl_fail(
			"reader %s of the event log is ahead of the database's transactions: "
			"it was restored from a dump; boxofficectl events rebase puts it back",
			db_text(rows, 0, "consumer"));
	return EXIT_SUCCESS;
}

int
ctl_db_check(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	struct schema schema;
	int status;

	(void)args;
	if ((status = look(ctl, LOOK_TIMEOUT_MS, &schema, &rows)) != EXIT_SUCCESS ||
	    (status = check_applied(&schema, rows)) != EXIT_SUCCESS ||
	    (status = check_nothing_due(&schema, rows)) != EXIT_SUCCESS ||
	    (status = check_log(ctl)) != EXIT_SUCCESS)
		return status;
	puts("the database is right");
	return EXIT_SUCCESS;
}

int
ctl_demo_load(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	struct sqlfiles files;
	struct schema schema;
	struct sqlfile seed;
	int status;

	(void)args;
	if (sqlfiles_read(ctl->core.arena, ctl->core.failure, ctl->config->paths_sql_dir, "seed",
			  &files) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the demo season");
	if ((status = look(ctl, SCRIPT_TIMEOUT_MS, &schema, &rows)) != EXIT_SUCCESS ||
	    (status = check_nothing_due(&schema, rows)) != EXIT_SUCCESS ||
	    (status = take_lock(ctl)) != EXIT_SUCCESS)
		return status;
	/* Again, under the lock: another one may have come first. */
	if (read_applied(ctl, &rows) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if (find_applied(rows, "seed", "demo") >= 0) {
		puts("the demo season was loaded before");
		return EXIT_SUCCESS;
	}
	seed = sqlfiles_join(ctl->core.arena, &files, "demo");
	if (db_begin(ctl->core.db, ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not begin");
	if ((status = apply(ctl, &schema, "seed", &seed)) != EXIT_SUCCESS)
		return status;
	if (db_commit(ctl->core.db, ctl->core.failure) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not commit");
	printf("seed %s\n", seed.name);
	return EXIT_SUCCESS;
}
