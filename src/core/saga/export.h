/*
 * Export: tables for people, read in chunks by key, so that neither memory nor a transaction grows with
 * the table: what is booked meanwhile may or may not be there, but nothing is there twice. Money is in
 * minor units beside its currency, times are UTC.
 */
#ifndef CORE_SAGA_EXPORT_H
#define CORE_SAGA_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

#define EXPORT_KEY_MAX 3
#define EXPORT_KEY_SIZE 64

struct core;

struct export_column {
	const char *name;
	bool is_text; /* that somebody typed */
};

/* An export under way. */
struct export
{
	const struct export_kind *kind;
	const struct export_column *columns;
	size_t column_count;
	char key[EXPORT_KEY_MAX][EXPORT_KEY_SIZE]; /* of the last row */
	const char *filters[2];
};

/* Orders with their newest payment; `show`, the id of one in digits, may be NULL: every show's. */
void
export_orders(struct export *export, const char *show);

/* The ledger, both legs, of days in Seoul such as 2026-11-21, both included, each NULL: any. */
void
export_ledger(struct export *export, const char *from, const char *to);

/* The next rows: `*count_r` of them, 0 at the end. `(*fields_r)[row * column_count + column]` is NULL where
 * there is no value. They live as long as core->arena. */
MUST_USE enum err
export_next(struct core *core, struct export *export, const char *const **fields_r,
	    size_t *count_r);

#endif
