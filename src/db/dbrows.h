/* Rows of a read as db.c makes them. Private to db/. */
#ifndef DB_DBROWS_H
#define DB_DBROWS_H

#include <libpq-fe.h>

struct arena;

struct db_rows {
	PGresult *result; /* cleared with the arena */
	int next_column;  /* where a name is looked for first: columns are read in order */
};

/* Takes the result over: it lives as long as the arena. */
void
dbrows_keep(struct arena *arena, PGresult *result);

/* The same, as rows. */
const struct db_rows *
dbrows_new(struct arena *arena, PGresult *result);

/* Value borrowed from a result that lives with the arena; NULL for SQL null. */
const char *
dbrows_value(const PGresult *result, int row, int column);

#endif
