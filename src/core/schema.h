/*
 * Schema: which files were applied to a database, and applying more. For boxofficectl, which
 * connects as the owner of the database.
 */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

/* Facts that a database is checked for before it gets a schema. */
struct schema_facts {
	const char *encoding;
	const char *ctype;
	bool is_ctype_utf8; /* Korean search folds and compares by the character type */
	bool is_initialised;
};

MUST_USE enum err
schema_facts(struct core *core, struct schema_facts *facts_r);

/* An applied file. */
struct schema_row {
	const char *kind; /* migration, functions, seed */
	const char *name;
	const char *checksum;
	const char *applied_at;
};

struct schema_rows {
	const struct schema_row *rows;
	size_t count;
};

MUST_USE enum err
schema_applied(struct core *core, struct schema_rows *rows_r);

/* Runs a text of several statements: as one transaction, unless schema_begin() has begun one. */
MUST_USE enum err
schema_run(struct core *core, const char *text);

/* The calls between begin and commit are one transaction. A lost connection ends it. The commit
 * then fails, as it does after an error in between. */
MUST_USE enum err
schema_begin(struct core *core);
MUST_USE enum err
schema_commit(struct core *core);

/* Sets a setting of the transaction, for a file that reads it. */
MUST_USE enum err
schema_set(struct core *core, const char *name, const char *value);

/* A file to apply. */
struct schema_file {
	const char *kind;
	const char *name;
	const char *checksum;
	const char *text;
};

/* Announces the file and runs it followed by `end`, the text that records the announced file. */
MUST_USE enum err
schema_apply(struct core *core, const struct schema_file *file, const char *end);

/* Counts the breaches of an invariant with its statement. `*example_r` is one breach, or NULL. */
MUST_USE enum err
schema_count_breaches(struct core *core, const char *statement, int64_t *breaches_r,
		      const char **example_r);

#endif
