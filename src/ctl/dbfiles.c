#include "config.h"

#include "ctl/dbfiles.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/config.h"
#include "core/schema.h"
#include "ctl/ctl.h"
#include "run/exit.h"

/* --- one file --- */

const struct schema_row *
dbfiles_row(const struct schema_rows *applied, const char *kind, const char *name)
{
	for (size_t i = 0; i < applied->count; i++) {
		if (strcmp(applied->rows[i].kind, kind) == 0 &&
		    strcmp(applied->rows[i].name, name) == 0)
			return &applied->rows[i];
	}
	return NULL;
}

bool
dbfiles_has(const struct sqlfiles *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->files[i].name, name) == 0)
			return true;
	}
	return false;
}

enum dbfiles_state
dbfiles_state(const struct schema_rows *applied, const char *kind, const struct sqlfile *file)
{
	const struct schema_row *row = dbfiles_row(applied, kind, file->name);

	if (!row)
		return DBFILES_DUE;
	return strcmp(row->checksum, file->checksum) == 0 ? DBFILES_APPLIED : DBFILES_CHANGED;
}

bool
dbfiles_is_any_due(const struct schema_rows *applied, const char *kind,
		   const struct sqlfiles *files)
{
	for (size_t i = 0; i < files->count; i++) {
		if (dbfiles_state(applied, kind, &files->files[i]) != DBFILES_APPLIED)
			return true;
	}
	return false;
}

int64_t
dbfiles_number(const char *name)
{
	const size_t digits = strspn(name, "0123456789");
	int64_t number = 0;

	if (digits != 4 || name[4] != '_')
		return 0;
	for (size_t d = 0; d < digits; d++)
		number = number * 10 + (name[d] - '0');
	return number;
}

int64_t
dbfiles_newest(const struct schema_rows *applied)
{
	int64_t newest = 0;

	for (size_t i = 0; i < applied->count; i++) {
		const struct schema_row *row = &applied->rows[i];

		if (strcmp(row->kind, "migration") == 0 && dbfiles_number(row->name) > newest)
			newest = dbfiles_number(row->name);
	}
	return newest;
}

/* --- all of them --- */

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

int
dbfiles_read(struct ctl *ctl, struct dbfiles *files_r)
{
	const char *dir = ctl->config->paths_sql_dir;
	struct arena *arena = ctl->core.arena;
	struct failure *failure = ctl->core.failure;

	if (sqlfile_read(arena, failure, dir, "ops.sql", &files_r->ops) != ERR_OK ||
	    sqlfile_read(arena, failure, dir, "ops_applied.sql", &files_r->applied) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "migrations", &files_r->migrations) != ERR_OK ||
	    sqlfiles_read(arena, failure, dir, "functions", &files_r->functions) != ERR_OK ||
	    append_rights(ctl, &files_r->functions) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the schema");
	return EXIT_SUCCESS;
}

int
dbfiles_check_numbers(const struct sqlfiles *migrations)
{
	for (size_t i = 0; i < migrations->count; i++) {
		const char *name = migrations->files[i].name;

		if (dbfiles_number(name) != (int64_t)i + 1)
			return ctl_fail("migration %s should be number %04zu", name, i + 1);
	}
	return EXIT_SUCCESS;
}

/* --- what is in the database --- */

/* A read that failed. A database that hangs is told from one that refuses. */
static int
fail_read(struct ctl *ctl, enum err err, const char *what)
{
	(void)ctl_fail_recorded(ctl, what);
	return err == ERR_RETRY ? EXIT_UNREACHABLE : EXIT_FAILURE;
}

int
dbfiles_check_facts(struct ctl *ctl, bool *is_initialised_r)
{
	struct schema_facts facts;
	enum err err = schema_facts(&ctl->core, &facts);

	if (err != ERR_OK)
		return fail_read(ctl, err, "could not read the database's settings");
	if (strcmp(facts.encoding, "UTF8") != 0)
		return ctl_fail("the database has encoding %s: UTF8 is required", facts.encoding);
	if (!facts.is_ctype_utf8)
		return ctl_fail("the database has LC_CTYPE \"%s\": a UTF-8 one is required (Korean "
				"search); create it with LC_CTYPE 'C.UTF-8'",
				facts.ctype);
	*is_initialised_r = facts.is_initialised;
	return EXIT_SUCCESS;
}

int
dbfiles_look(struct ctl *ctl, int64_t timeout_ms, struct dbfiles *files_r,
	     struct schema_rows *applied_r)
{
	enum err err = ERR_OK;
	bool is_initialised;
	int status;

	if ((status = dbfiles_read(ctl, files_r)) != EXIT_SUCCESS ||
	    (status = ctl_connect(ctl, timeout_ms)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_facts(ctl, &is_initialised)) != EXIT_SUCCESS)
		return status;
	*applied_r = (struct schema_rows){NULL, 0};
	if (is_initialised)
		err = schema_applied(&ctl->core, applied_r);
	if (err != ERR_OK)
		return fail_read(ctl, err, "could not read what was applied");
	/* The records are made before the first migration, which may have failed. */
	if (dbfiles_newest(applied_r) == 0) {
		(void)ctl_fail("the database is empty: boxofficectl db migrate makes the schema");
		return EXIT_SCHEMA_NONE;
	}
	return EXIT_SUCCESS;
}

int
dbfiles_check_unchanged(const struct dbfiles *files, const struct schema_rows *applied)
{
	const char *due = NULL;

	for (size_t i = 0; i < files->migrations.count; i++) {
		const struct sqlfile *file = &files->migrations.files[i];
		enum dbfiles_state state = dbfiles_state(applied, "migration", file);

		if (state == DBFILES_CHANGED)
			return ctl_fail("migration %s was changed after it was applied: write "
					"another one instead",
					file->name);
		if (state == DBFILES_APPLIED && due)
			return ctl_fail("migration %s was applied, but not %s before it",
					file->name, due);
		if (state == DBFILES_DUE && !due)
			due = file->name;
	}
	return EXIT_SUCCESS;
}

int
dbfiles_check_known(const struct dbfiles *files, const struct schema_rows *applied)
{
	for (size_t i = 0; i < applied->count; i++) {
		const struct schema_row *row = &applied->rows[i];

		if (strcmp(row->kind, "migration") == 0 &&
		    !dbfiles_has(&files->migrations, row->name))
			return ctl_fail("the database has migration %s, which this program does "
					"not know: it is newer",
					row->name);
	}
	return EXIT_SUCCESS;
}

int
dbfiles_check_nothing_due(const struct dbfiles *files, const struct schema_rows *applied)
{
	for (size_t i = 0; i < files->migrations.count; i++) {
		const struct sqlfile *file = &files->migrations.files[i];

		if (dbfiles_state(applied, "migration", file) != DBFILES_APPLIED)
			return ctl_fail("migration %s is due: boxofficectl db migrate", file->name);
	}
	for (size_t i = 0; i < files->functions.count; i++) {
		const struct sqlfile *file = &files->functions.files[i];

		if (dbfiles_state(applied, "functions", file) != DBFILES_APPLIED)
			return ctl_fail("functions %s are due: boxofficectl db migrate",
					file->name);
	}
	return EXIT_SUCCESS;
}
