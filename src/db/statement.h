/*
 * Read statements: the files of sql/reads, embedded by sql/embed at build time, sorted by name.
 * Private to db/.
 */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include <stddef.h>

struct statement {
	const char *name; /* of the file, without ".sql" */
	const char *text;
};

extern const struct statement statements[]; /* ends with a row without name */
extern const size_t statement_count;

/* Text of a statement; NULL when there is none of that name. */
const char *
statement_find(const char *name);

#endif
