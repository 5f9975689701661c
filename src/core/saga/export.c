#include "config.h"

#include "core/saga/export.h"

#include <stdio.h>

#include "call/account.h"
#include "call/show.h"
#include "base/arena.h"
#include "core/core.h"
#include "db/db.h"

#define NIL_UUID "00000000-0000-0000-0000-000000000000"
#define SHOW_ID_MAX "2147483647"

static const struct export_column order_columns[] = {
	{"show_id", false}, {"event_title", true},    {"starts_at", false},  {"order_id", false},
	{"user_id", false}, {"state", false},         {"amount", false},     {"currency", false},
	{"seats", false},   {"labels", true},         {"used", false},       {"payment_id", false},
	{"method", false},  {"payment_state", false}, {"created_at", false},
};

static const struct export_column ledger_columns[] = {
	{"user_id", false},       {"entry_no", false},   {"account", false},
	{"kind", false},          {"amount", false},     {"currency", false},
	{"balance_after", false}, {"payment_id", false}, {"order_id", false},
	{"show_id", false},       {"at", false},
};

struct export_kind {
	const char *keys[EXPORT_KEY_MAX]; /* columns that the rows are ordered by */
	enum err (*read)(struct core *core, const struct export *export,
			 const struct db_rows **rows_r);
};

static enum err
read_orders(struct core *core, const struct export *export, const struct db_rows **rows_r)
{
	return read_show_export_orders(core, core->db, export->key[0], export->key[1],
				       export->filters[0], rows_r);
}

static enum err
read_ledger(struct core *core, const struct export *export, const struct db_rows **rows_r)
{
	return read_account_export_ledger(core, core->db, export->key[0], export->key[1],
					  export->key[2], export->filters[0], export->filters[1],
					  rows_r);
}

void
export_orders(struct export *export, const char *show)
{
	static const struct export_kind kind = {.keys = {"show_id", "order_id"},
						.read = read_orders};

	*export = (struct export){
		.kind = &kind,
		.columns = order_columns,
		.column_count = sizeof(order_columns) / sizeof(*order_columns),
		.key = {"", NIL_UUID},
		.filters = {show ? show : SHOW_ID_MAX},
	};
	/* Below every order of the show, or of all. */
	snprintf(export->key[0], EXPORT_KEY_SIZE, "%s", show ? show : "0");
}

void
export_ledger(struct export *export, const char *from, const char *to)
{
	static const struct export_kind kind = {.keys = {"user_id", "entry_no", "account"},
						.read = read_ledger};

	*export = (struct export){
		.kind = &kind,
		.columns = ledger_columns,
		.column_count = sizeof(ledger_columns) / sizeof(*ledger_columns),
		.key = {NIL_UUID, "0", "wallet"},
		.filters = {from, to},
	};
}

enum err
export_next(struct core *core, struct export *export, const char *const **fields_r, size_t *count_r)
{
	const size_t columns = export->column_count;
	const struct db_rows *rows;
	const char **fields;
	size_t count;
	enum err err = export->kind->read(core, export, &rows);

	if (err != ERR_OK)
		return err;
	count = db_rows_count(rows);
	fields = arena_calloc(core->arena, count + 1, columns * sizeof(*fields));
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < columns; n++)
			fields[i * columns + n] = db_text(rows, i, export->columns[n].name);
	for (size_t n = 0; count > 0 && n < EXPORT_KEY_MAX && export->kind->keys[n]; n++)
		snprintf(export->key[n], EXPORT_KEY_SIZE, "%s",
			 db_text(rows, count - 1, export->kind->keys[n]));
	*fields_r = fields;
	*count_r = count;
	return ERR_OK;
}
