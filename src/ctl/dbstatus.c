/* boxofficectl db status: reads what was applied, and changes nothing. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/config.h"
#include "core/ready.h"
#include "core/schema.h"
#include "ctl/ctl.h"
#include "ctl/dbfiles.h"
#include "run/exit.h"

#define LOOK_TIMEOUT_MS 10000
#define STATUS_TIMEOUT_S 5 /* an upgrade waits for it */

/* Prints the files and their states. A name that was applied but has no file gets the state
 * `otherwise`. */
static void
print_files(const struct schema_rows *applied, const char *kind, const struct sqlfiles *files,
	    const char *otherwise)
{
	static const char *const words[] = {[DBFILES_DUE] = "due",
					    [DBFILES_APPLIED] = "applied",
					    [DBFILES_CHANGED] = "changed"};

	for (size_t i = 0; i < files->count; i++) {
		const struct sqlfile *file = &files->files[i];
		const struct schema_row *row = dbfiles_row(applied, kind, file->name);

		printf("%-8s %-10s %-28s %s\n", words[dbfiles_state(applied, kind, file)], kind,
		       file->name, row ? row->applied_at : "");
	}
	for (size_t i = 0; i < applied->count; i++) {
		const struct schema_row *row = &applied->rows[i];

		if (strcmp(row->kind, kind) == 0 && !dbfiles_has(files, row->name))
			printf("%-8s %-10s %-28s %s\n", otherwise, kind, row->name,
			       row->applied_at);
	}
}

/*
 * Whether these programs work on the schema. The number of the newest migration decides. A greater
 * one is of a later version, which leaves what these programs use. At the same number functions may
 * have been changed alone: those of the files belong to these programs, unless the files are of a
 * later version and wait for `db migrate`.
 */
static int
check_fit(const struct dbfiles *files, const struct schema_rows *applied)
{
	const int64_t newest = dbfiles_newest(applied);
	int status = dbfiles_check_unchanged(files, applied);

	if (status != EXIT_SUCCESS)
		return status;
	if (newest < READY_SCHEMA_VERSION) {
		(void)ctl_fail("the schema is at %" PRId64 " and these programs need %d: run "
			       "boxofficectl db migrate before you start them",
			       newest, READY_SCHEMA_VERSION);
		return EXIT_SCHEMA_OLDER;
	}
	if (newest > READY_SCHEMA_VERSION) {
		puts("the schema is of a later version; these programs work on it");
		return EXIT_SUCCESS;
	}
	if (files->migrations.count == (size_t)READY_SCHEMA_VERSION &&
	    dbfiles_check_nothing_due(files, applied) != EXIT_SUCCESS)
		return EXIT_SCHEMA_OLDER;
	puts("the schema fits these programs");
	return EXIT_SUCCESS;
}

int
ctl_db_status(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
	struct dbfiles files;
	int status;

	(void)args;
	if (ctl->options.timeout_s == 0)
		ctl->options.timeout_s = STATUS_TIMEOUT_S;
	status = dbfiles_look(ctl, LOOK_TIMEOUT_MS, &files, &applied);
	if (status != EXIT_SUCCESS)
		return status;
	printf("programs %s, need schema %d\nfiles    schema %zu in %s\ndatabase schema %" PRId64
	       "\n\n",
	       PACKAGE_VERSION, READY_SCHEMA_VERSION, files.migrations.count,
	       ctl->config->paths_sql_dir, dbfiles_newest(&applied));
	print_files(&applied, "migration", &files.migrations, "unknown");
	print_files(&applied, "functions", &files.functions, "unknown");
	print_files(&applied, "seed", &(struct sqlfiles){NULL, 0}, "applied");
	putchar('\n');
	return check_fit(&files, &applied);
}
