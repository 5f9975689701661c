/*
 * boxofficectl db …, demo load.
 *
 * One transaction writes a file and the row that records it (sql/ops.sql says how), so a migration
 * is both applied and listed, or neither. Before anything is applied, every file that was applied
 * earlier must be unchanged.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "core/ready.h"
#include "core/schema.h"
#include "ctl/ctl.h"
#include "ctl/sqlfile.h"

#define SCRIPT_TIMEOUT_MS 600000 /* a migration may move many rows */
#define LOOK_TIMEOUT_MS 10000
#define LOCK_WAIT_MS 60000 /* waits this long for another `db migrate` */
#define LOCK_POLL_MS 200

/* --- what is in the database --- */

/* Refuses a database that cannot fold and compare Korean text. */
static int
check_facts(struct ctl *ctl, bool *is_initialised_r)
{
	struct schema_facts facts;

	if (schema_facts(&ctl->core, &facts) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the database's settings");
	if (strcmp(facts.encoding, "UTF8") != 0)
		return ctl_fail("the database has encoding %s: UTF8 is required", facts.encoding);
	if (!facts.is_ctype_utf8)
		return ctl_fail("the database has LC_CTYPE \"%s\": a UTF-8 one is required (Korean "
				"search); create it with LC_CTYPE 'C.UTF-8'",
				facts.ctype);
	*is_initialised_r = facts.is_initialised;
	return EXIT_SUCCESS;
}

/* The row of an applied file; NULL: not applied. */
static const struct schema_row *
find_applied(const struct schema_rows *applied, const char *kind, const char *name)
{
	for (size_t i = 0; i < applied->count; i++) {
		if (strcmp(applied->rows[i].kind, kind) == 0 &&
		    strcmp(applied->rows[i].name, name) == 0)
			return &applied->rows[i];
	}
	return NULL;
}

enum file_state { FILE_DUE, FILE_APPLIED, FILE_CHANGED };

static enum file_state
file_state(const struct schema_rows *applied, const char *kind, const struct sqlfile *file)
{
	const struct schema_row *row = find_applied(applied, kind, file->name);

	if (!row)
		return FILE_DUE;
	return strcmp(row->checksum, file->checksum) == 0 ? FILE_APPLIED : FILE_CHANGED;
}

/* --- the files, and whether they match what was applied --- */

struct schema {
	struct sqlfile ops;     /* ops.sql */
	struct sqlfile applied; /* ops_applied.sql */
	struct sqlfiles migrations;
	struct sqlfiles functions; /* the last one is rights.sql */
};

/* The rights on functions come last: they are given to whatever the other files made. */
static enum err
append_rights(struct ctl *ctl, struct sqlfiles *functions)
{
	struct sqlfile *files =
		arena_calloc(ctl->core.arena, functions->count + 1, sizeof(*functions->files));

	memcpy(files, functions->files, functions->count * sizeof(*files));
	functions->files = files;
	return sqlfile_read(ctl->core.arena, ctl->core.failure, ctl->config->paths_sql_dir,
			    "rights.sql", &files[functions->count++]);
}

static int
read_schema(struct ctl *ctl, struct schema *schema)
{
	const char *dir = ctl->config->paths_sql_dir;
	struct arena *arena = ctl->core.arena;
	struct failure *failure = ctl->core.failure;

	if (sqlfile_read(arena, failure, dir, "ops.sql", &schema->ops) != ERR_OK ||
	    sqlfile_read(arena, failure, dir, "ops_applied.sql", &schema->applied) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "migrations", &schema->migrations) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "functions", &schema->functions) != ERR_OK ||
	    append_rights(ctl, &schema->functions) != ERR_OK)
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

/* 0001_name.sql, 0002_…: no number is missing or used twice. */
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

/* The files must match what was applied, in the same order, and nothing more may have been
 * applied. */
static int
check_applied(const struct schema *schema, const struct schema_rows *applied)
{
	const char *due = NULL;

	for (size_t i = 0; i < schema->migrations.count; i++) {
		const struct sqlfile *file = &schema->migrations.files[i];
		enum file_state state = file_state(applied, "migration", file);

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
	for (size_t i = 0; i < applied->count; i++) {
		const struct schema_row *row = &applied->rows[i];

		if (strcmp(row->kind, "migration") == 0 &&
		    !has_file(&schema->migrations, row->name))
			return ctl_fail("the database has migration %s, which this program does "
					"not know: it is newer",
					row->name);
	}
	return EXIT_SUCCESS;
}

static int
check_nothing_due(const struct schema *schema, const struct schema_rows *applied)
{
	for (size_t i = 0; i < schema->migrations.count; i++) {
		const struct sqlfile *file = &schema->migrations.files[i];

		if (file_state(applied, "migration", file) != FILE_APPLIED)
			return ctl_fail("migration %s is due: boxofficectl db migrate", file->name);
	}
	for (size_t i = 0; i < schema->functions.count; i++) {
		const struct sqlfile *file = &schema->functions.files[i];

		if (file_state(applied, "functions", file) != FILE_APPLIED)
			return ctl_fail("functions %s are due: boxofficectl db migrate",
					file->name);
	}
	return EXIT_SUCCESS;
}

/* --- applying --- */

/* Only one `db migrate` or `demo load` runs at a time. The lock ends with the connection. */
static int
take_lock(struct ctl *ctl)
{
	const int64_t until_ms = clock_mono_ms() + LOCK_WAIT_MS;
	bool is_taken;

	for (;;) {
		if (core_lock(&ctl->core, "db migrate", &is_taken) != ERR_OK)
			return ctl_fail_recorded(ctl, "could not take the lock");
		if (is_taken)
			return EXIT_SUCCESS;
		if (clock_mono_ms() > until_ms)
			return ctl_fail("another boxofficectl is at work on this database");
		clock_pause_ms(LOCK_POLL_MS);
	}
}

static int
apply(struct ctl *ctl, const struct schema *schema, const char *kind, const struct sqlfile *file)
{
	const struct schema_file applied = {
		.kind = kind,
		.name = file->name,
		.checksum = file->checksum,
		.text = file->text,
	};

	if (schema_apply(&ctl->core, &applied, schema->applied.text) != ERR_OK)
		return ctl_fail_recorded(ctl,
					 arena_printf(ctl->core.arena, "%s %s", kind, file->name));
	return EXIT_SUCCESS;
}

static int
apply_due(struct ctl *ctl, const struct schema *schema, const struct schema_rows *applied,
	  const char *kind, const struct sqlfiles *files)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < files->count && status == EXIT_SUCCESS; i++) {
		if (file_state(applied, kind, &files->files[i]) != FILE_APPLIED)
			status = apply(ctl, schema, kind, &files->files[i]);
	}
	return status;
}

static bool
is_any_due(const struct schema_rows *applied, const char *kind, const struct sqlfiles *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (file_state(applied, kind, &files->files[i]) != FILE_APPLIED)
			return true;
	}
	return false;
}

/* Whatever was made, or made anew, gets its rights in the same transaction. A file of rights that
 * is due itself was applied with the functions. */
static int
apply_rights(struct ctl *ctl, const struct schema *schema, const struct schema_rows *applied)
{
	const struct sqlfile *rights = &schema->functions.files[schema->functions.count - 1];

	if (file_state(applied, "functions", rights) != FILE_APPLIED ||
	    (!is_any_due(applied, "migration", &schema->migrations) &&
	     !is_any_due(applied, "functions", &schema->functions)))
		return EXIT_SUCCESS;
	return apply(ctl, schema, "functions", rights);
}

static void
print_due(const struct schema_rows *applied, const char *kind, const struct sqlfiles *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (file_state(applied, kind, &files->files[i]) != FILE_APPLIED)
			printf("%s %s\n", kind, files->files[i].name);
	}
}

/* Applies all files or none. Programs that run meanwhile wait, and see tables and functions of one
 * version. */
static int
apply_schema(struct ctl *ctl, const struct schema *schema, const struct schema_rows *applied)
{
	int status;

	if (schema_begin(&ctl->core) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not begin");
	if ((status = apply_due(ctl, schema, applied, "migration", &schema->migrations)) !=
		    EXIT_SUCCESS ||
	    (status = apply_due(ctl, schema, applied, "functions", &schema->functions)) !=
		    EXIT_SUCCESS ||
	    (status = apply_rights(ctl, schema, applied)) != EXIT_SUCCESS)
		return status;
	if (schema_commit(&ctl->core) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not commit");
	print_due(applied, "migration", &schema->migrations);
	print_due(applied, "functions", &schema->functions);
	return EXIT_SUCCESS;
}

int
ctl_db_migrate(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
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
	if (schema_run(&ctl->core, schema.ops.text) != ERR_OK)
		return ctl_fail_recorded(ctl, "ops.sql");
	if (schema_applied(&ctl->core, &applied) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if ((status = check_applied(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = apply_schema(ctl, &schema, &applied)) != EXIT_SUCCESS)
		return status;
	if (eventlog_make_days(&ctl->core) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not make the event log's partitions");
	puts("the schema is up to date");
	return EXIT_SUCCESS;
}

/* --- reading --- */

/* Prints the files and their states. A name that was applied but has no file gets the state
 * `otherwise`. */
static void
print_files(const struct schema_rows *applied, const char *kind, const struct sqlfiles *files,
	    const char *otherwise)
{
	static const char *const words[] = {
		[FILE_DUE] = "due", [FILE_APPLIED] = "applied", [FILE_CHANGED] = "changed"};

	for (size_t i = 0; i < files->count; i++) {
		const struct sqlfile *file = &files->files[i];
		const struct schema_row *row = find_applied(applied, kind, file->name);

		printf("%-8s %-10s %-28s %s\n", words[file_state(applied, kind, file)], kind,
		       file->name, row ? row->applied_at : "");
	}
	for (size_t i = 0; i < applied->count; i++) {
		const struct schema_row *row = &applied->rows[i];

		if (strcmp(row->kind, kind) == 0 && !has_file(files, row->name))
			printf("%-8s %-10s %-28s %s\n", otherwise, kind, row->name,
			       row->applied_at);
	}
}

/* Reads the files and the applied rows, for commands that do not change the schema. */
static int
look(struct ctl *ctl, int64_t timeout_ms, struct schema *schema, struct schema_rows *applied_r)
{
	bool is_initialised;
	int status;

	if ((status = read_schema(ctl, schema)) != EXIT_SUCCESS ||
	    (status = ctl_connect(ctl, timeout_ms)) != EXIT_SUCCESS ||
	    (status = check_facts(ctl, &is_initialised)) != EXIT_SUCCESS)
		return status;
	if (!is_initialised)
		return ctl_fail("the database is empty: boxofficectl db migrate makes the schema");
	if (schema_applied(&ctl->core, applied_r) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	return EXIT_SUCCESS;
}

int
ctl_db_status(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
	struct schema schema;
	int status = look(ctl, LOOK_TIMEOUT_MS, &schema, &applied);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	print_files(&applied, "migration", &schema.migrations, "unknown");
	print_files(&applied, "functions", &schema.functions, "unknown");
	print_files(&applied, "seed", &(struct sqlfiles){NULL, 0}, "applied");
	return EXIT_SUCCESS;
}

static int
check_log(struct ctl *ctl)
{
	const char *reader;
	int64_t days;

	if (ready_days_ahead(&ctl->core, &days) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the event log");
	if (days < READY_DAYS_LEAST)
		return ctl_fail("the event log has partitions for %" PRId64
				" days ahead: at least %d are wanted; boxofficectl db migrate "
				"makes them",
				days, READY_DAYS_LEAST);
	if (eventlog_reader_ahead(&ctl->core, &reader) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the readers of the event log");
	if (reader)
		return ctl_fail(
			"reader %s of the event log is ahead of the database's transactions: "
			"it was restored from a dump; boxofficectl events rebase puts it back",
			reader);
	return EXIT_SUCCESS;
}

int
ctl_db_check(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
	struct schema schema;
	int status;

	(void)args;
	if ((status = look(ctl, LOOK_TIMEOUT_MS, &schema, &applied)) != EXIT_SUCCESS ||
	    (status = check_applied(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = check_nothing_due(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = check_log(ctl)) != EXIT_SUCCESS)
		return status;
	puts("the database is right");
	return EXIT_SUCCESS;
}

/* Loads the seed. Its accounts get a password that is made for this database and printed once. */
static int
load(struct ctl *ctl, const struct schema *schema, struct sqlfile seed)
{
	const char *password = ctl_password_make(ctl), *hash;
	int status = ctl_password_hash(ctl, password, &hash);

	if (status != EXIT_SUCCESS)
		return status;
	if (schema_begin(&ctl->core) != ERR_OK ||
	    schema_set(&ctl->core, "boxoffice.demo_password_hash", hash) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not begin");
	if ((status = apply(ctl, schema, "seed", &seed)) != EXIT_SUCCESS)
		return status;
	if (schema_commit(&ctl->core) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not commit");
	printf("seed %s\nthe password of all its accounts, admin@boxoffice.example among them, is "
	       "%s\n",
	       seed.name, password);
	return EXIT_SUCCESS;
}

int
ctl_demo_load(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
	struct sqlfiles files;
	struct schema schema;
	int status;

	(void)args;
	if (!ctl->options.is_yes)
		return ctl_fail(
			"demo load fills the database with a season that nobody plays and with "
			"accounts, an admin among them: say --yes");
	if (sqlfiles_read(ctl->core.arena, ctl->core.failure, ctl->config->paths_sql_dir, "seed",
			  &files) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the demo season");
	if ((status = look(ctl, SCRIPT_TIMEOUT_MS, &schema, &applied)) != EXIT_SUCCESS ||
	    (status = check_nothing_due(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = take_lock(ctl)) != EXIT_SUCCESS)
		return status;
	/* Checks again under the lock: another command may have come first. */
	if (schema_applied(&ctl->core, &applied) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if (find_applied(&applied, "seed", "demo")) {
		puts("the demo season was loaded before");
		return EXIT_SUCCESS;
	}
	return load(ctl, &schema, sqlfiles_join(ctl->core.arena, &files, "demo"));
}
