/*
 * Read statements: the files of sql/reads, which sql/embed embeds at build time, sorted by name.
 * Private to db/.
 */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include <stddef.h>

struct statement {
	const char *name; /* of the file, without ".sql" */
	const char *text;
};

extern const struct statement statements[]; /* the last row has no name */
extern const size_t statement_count;

/* The text of a statement; NULL when no statement has that name. */
const char *
statement_find(const char *name);

#endif
