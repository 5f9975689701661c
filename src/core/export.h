/*
 * Export: tables for people. It reads in chunks by key, so that neither memory nor a transaction
 * grows with the table. Rows booked meanwhile may or may not appear, but no row appears twice.
 * Money is in minor units beside its currency. Times are UTC.
 */
#ifndef CORE_EXPORT_H
#define CORE_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

#define EXPORT_KEY_MAX 3
#define EXPORT_KEY_SIZE 64
#define EXPORT_NO_UUID "00000000-0000-0000-0000-000000000000" /* below all other ids */

struct core;
struct db_rows;

struct export_column {
	const char *name;
	bool is_text; /* a person typed it */
};

/* A running export. order_export() and wallet_export() begin one. */
struct export
{
	const struct export_column *columns;
	size_t column_count;
	const char *keys[EXPORT_KEY_MAX];          /* columns that order the rows */
	char key[EXPORT_KEY_MAX][EXPORT_KEY_SIZE]; /* of the last row read */
	const char *filters[2];
	/* Reads the rows after the key. */
	enum err (*read)(struct core * core, const struct export *export,
			 const struct db_rows **rows_r);
};

/* The next `*count_r` rows, 0 at the end. `(*fields_r)[row * column_count + column]` is NULL where
 * there is no value. The rows live as long as core->arena. */
MUST_USE enum err
export_next(struct core *core, struct export *export, const char *const **fields_r,
	    size_t *count_r);

#endif
