/* boxofficectl audit: each file of sql/audit is one statement that counts breaches of one
 * invariant. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/config.h"
#include "core/schema.h"
#include "ctl/ctl.h"
#include "ctl/sqlfile.h"

#define STATEMENT_TIMEOUT_MS 600000 /* it reads all data */

/* The first line of the file states the invariant in a sentence. */
static const char *
sentence(struct arena *arena, const char *text)
{
	text += strspn(text, "- ");
	return arena_strndup(arena, text, strcspn(text, "\n"));
}

/* Prints one line: ok or BREACH, name, count, example or sentence. Returns false on a breach. */
static bool
check(const struct ctl *ctl, const char *name, const struct sqlfile *file)
{
	struct core aside = ctl->core; /* so that a check that fails does not block the others */
	struct failure failure;
	const char *example;
	int64_t breaches;

	failure_init(&failure, ctl->core.arena);
	aside.failure = &failure;
	if (schema_count_breaches(&aside, file->text, &breaches, &example) != ERR_OK) {
		printf("BREACH %s - could not be checked: %s\n", name, failure_reason(&failure));
		return false;
	}
	printf("%s %s %lld %s\n", breaches == 0 ? "ok" : "BREACH", name, (long long)breaches,
	       breaches == 0 || !example ? sentence(ctl->core.arena, file->text) : example);
	return breaches == 0;
}

/* "20-wallet-balance.sql" becomes wallet-balance. */
static const char *
name_of(struct arena *arena, const struct sqlfile *file)
{
	const char *name = file->name + strspn(file->name, "0123456789-");

	return arena_strndup(arena, name, strlen(name) - strlen(".sql"));
}

static const char *
find_unknown_exception(struct ctl *ctl, const struct sqlfiles *files)
{
	const char **names = arena_calloc(ctl->core.arena, files->count, sizeof(*names));

	for (size_t i = 0; i < files->count; i++)
		names[i] = name_of(ctl->core.arena, &files->files[i]);
	return ctl_unknown_exception(ctl, names, files->count);
}

int
ctl_audit(struct ctl *ctl, char **args)
{
	struct sqlfiles files;
	bool are_all_kept = true;
	const char *unknown;
	int status;

	(void)args;
	if (sqlfiles_read(ctl->core.arena, ctl->core.failure, ctl->config->paths_sql_dir, "audit",
			  &files) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read the invariants");
	if ((unknown = find_unknown_exception(ctl, &files)) != NULL)
		return ctl_fail("there is no invariant %s", unknown);
	if ((status = ctl_connect(ctl, STATEMENT_TIMEOUT_MS)) != EXIT_SUCCESS)
		return status;
	for (size_t i = 0; i < files.count; i++) {
		const char *name = name_of(ctl->core.arena, &files.files[i]);

		if (ctl_is_excepted(ctl, name))
			continue;
		if (!check(ctl, name, &files.files[i]))
			are_all_kept = false;
		fflush(stdout);
	}
	return are_all_kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
