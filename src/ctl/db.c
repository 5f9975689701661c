/*
 * boxofficectl db init, db migrate, demo load.
 *
 * One transaction writes a file and the row that records it (sql/ops.sql says how), so a migration
 * is both applied and listed, or neither. Before anything is applied, every file that was applied
 * earlier must be unchanged.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "core/schema.h"
#include "ctl/ctl.h"
#include "ctl/dbfiles.h"

#define SCRIPT_TIMEOUT_MS 600000 /* a migration may move many rows */
#define LOCK_WAIT_MS 60000       /* waits this long for another `db migrate` */
#define LOCK_POLL_MS 200

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
apply(struct ctl *ctl, const struct dbfiles *schema, const char *kind, const struct sqlfile *file)
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
apply_due(struct ctl *ctl, const struct dbfiles *schema, const struct schema_rows *applied,
	  const char *kind, const struct sqlfiles *files)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < files->count && status == EXIT_SUCCESS; i++) {
		if (dbfiles_state(applied, kind, &files->files[i]) != DBFILES_APPLIED)
			status = apply(ctl, schema, kind, &files->files[i]);
	}
	return status;
}

/* Whatever was made, or made anew, gets its rights in the same transaction. A file of rights that
 * is due itself was applied with the functions. */
static int
apply_rights(struct ctl *ctl, const struct dbfiles *schema, const struct schema_rows *applied)
{
	const struct sqlfile *rights = &schema->functions.files[schema->functions.count - 1];

	if (dbfiles_state(applied, "functions", rights) != DBFILES_APPLIED ||
	    (!dbfiles_is_any_due(applied, "migration", &schema->migrations) &&
	     !dbfiles_is_any_due(applied, "functions", &schema->functions)))
		return EXIT_SUCCESS;
	return apply(ctl, schema, "functions", rights);
}

static void
print_due(const struct schema_rows *applied, const char *kind, const struct sqlfiles *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (dbfiles_state(applied, kind, &files->files[i]) != DBFILES_APPLIED)
			printf("%s %s\n", kind, files->files[i].name);
	}
}

/* Applies all files or none. Programs that run meanwhile wait, and see tables and functions of one
 * version. */
static int
apply_schema(struct ctl *ctl, const struct dbfiles *schema, const struct schema_rows *applied)
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
	struct dbfiles schema;
	bool is_initialised;
	int status;

	(void)args;
	if ((status = dbfiles_read(ctl, &schema)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_numbers(&schema.migrations)) != EXIT_SUCCESS ||
	    (status = ctl_connect(ctl, SCRIPT_TIMEOUT_MS)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_facts(ctl, &is_initialised)) != EXIT_SUCCESS ||
	    (status = take_lock(ctl)) != EXIT_SUCCESS)
		return status;
	if (schema_run(&ctl->core, schema.ops.text) != ERR_OK)
		return ctl_fail_recorded(ctl, "ops.sql");
	if (schema_applied(&ctl->core, &applied) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if ((status = dbfiles_check_unchanged(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_known(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = apply_schema(ctl, &schema, &applied)) != EXIT_SUCCESS)
		return status;
	if (eventlog_make_days(&ctl->core) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not make the event log's partitions");
	puts("the schema is up to date");
	return EXIT_SUCCESS;
}

/* Loads the seed. Its accounts get a password that is made for this database and printed once. */
static int
load(struct ctl *ctl, const struct dbfiles *schema, struct sqlfile seed)
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
	struct dbfiles schema;
	int status;

	(void)args;
	if (!ctl->options.is_yes)
		return ctl_fail(
			"demo load fills the database with a season that nobody plays and with "
			"accounts, an admin among them: say --yes");
	if (sqlfiles_read(ctl->core.arena, ctl->core.failure, ctl->config->paths_sql_dir, "seed",
			  &files) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the demo season");
	if ((status = dbfiles_look(ctl, SCRIPT_TIMEOUT_MS, &schema, &applied)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_nothing_due(&schema, &applied)) != EXIT_SUCCESS ||
	    (status = take_lock(ctl)) != EXIT_SUCCESS)
		return status;
	/* Checks again under the lock: another command may have come first. */
	if (schema_applied(&ctl->core, &applied) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read what was applied");
	if (dbfiles_row(&applied, "seed", "demo")) {
		puts("the demo season was loaded before");
		return EXIT_SUCCESS;
	}
	return load(ctl, &schema, sqlfiles_join(ctl->core.arena, &files, "demo"));
}
