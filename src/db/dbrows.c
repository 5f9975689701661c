/*
 * Rows are the library's result, and callers get the values where they lie in it. To find a column
 * the library first folds the name on the heap, so this file searches by itself.
 */
#include "config.h"

#include "db/dbrows.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "db/db.h"

static void
clear(void *result)
{
	PQclear(result);
}

void
dbrows_keep(struct arena *arena, PGresult *result)
{
	arena_cleanup(arena, clear, result);
}

const struct db_rows *
dbrows_new(struct arena *arena, PGresult *result)
{
	struct db_rows *rows = arena_alloc(arena, sizeof(*rows));

	rows->result = result;
	dbrows_keep(arena, result);
	return rows;
}

const char *
dbrows_value(const PGresult *result, int row, int column)
{
	return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static int
column_find(const struct db_rows *rows, const char *name)
{
	int count = PQnfields(rows->result);

	for (int i = 0; i < count; i++) {
		int column = (rows->next_column + i) % count;

		if (strcmp(PQfname(rows->result, column), name) == 0) {
			/* This changes a hint only. The rows that callers see stay the same. */
			((struct db_rows *)(uintptr_t)rows)->next_column = column + 1;
			return column;
		}
	}
	assert(!"the statement has such a column");
	return -1;
}

size_t
db_rows_count(const struct db_rows *rows)
{
	return (size_t)PQntuples(rows->result);
}

const char *
db_text(const struct db_rows *rows, size_t row, const char *column)
{
	assert(row < db_rows_count(rows));
	return dbrows_value(rows->result, (int)row, column_find(rows, column));
}

size_t
db_length(const struct db_rows *rows, size_t row, const char *column)
{
	assert(row < db_rows_count(rows));
	return (size_t)PQgetlength(rows->result, (int)row, column_find(rows, column));
}

int64_t
db_i64(const struct db_rows *rows, size_t row, const char *column)
{
	const char *text = db_text(rows, row, column);
	int64_t number = 0;

	if (text && !text_parse_i64(text, strlen(text), &number))
		assert(!"the column is an integer");
	return number;
}

bool
db_bool(const struct db_rows *rows, size_t row, const char *column)
{
	const char *text = db_text(rows, row, column);

	assert(!text || strcmp(text, "t") == 0 || strcmp(text, "f") == 0);
	return text && *text == 't';
}

bool
db_is_null(const struct db_rows *rows, size_t row, const char *column)
{
	return !db_text(rows, row, column);
}

bool
db_uuid(const struct db_rows *rows, size_t row, const char *column, struct uuid *uuid_r)
{
	const char *text = db_text(rows, row, column);

	return text && uuid_parse(text, strlen(text), uuid_r);
}
