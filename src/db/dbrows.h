/* Rows of a read, which db.c makes. Private to db/. */
#ifndef DB_DBROWS_H
#define DB_DBROWS_H

#include <libpq-fe.h>

struct arena;

struct db_rows {
	PGresult *result; /* cleared with the arena */
	int next_column;  /* first place to look for a name: columns are read in order */
};

/* Takes over the result, which then lives as long as the arena. */
void
dbrows_keep(struct arena *arena, PGresult *result);

/* The same, returned as rows. */
const struct db_rows *
dbrows_new(struct arena *arena, PGresult *result);

/* A value borrowed from a result that lives with the arena; NULL for SQL null. */
const char *
dbrows_value(const PGresult *result, int row, int column);

#endif
