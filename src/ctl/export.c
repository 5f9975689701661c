/*
 * boxofficectl export …: tables as CSV (RFC 4180, UTF-8, a line of names first) on standard output.
 * Money is in minor units beside its currency, times are UTC. Read in chunks by key, so that neither
 * memory nor a transaction grows with the table: what is booked meanwhile may or may not be there,
 * but nothing is there twice.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/db.h"
#include "ctl/ctl.h"

#define STATEMENT_TIMEOUT_MS 600000 /* few days of a long ledger: one chunk may read all of it */
#define CHUNK_MEMORY ((size_t)16 << 20)
#define KEY_MAX 3
#define KEY_SIZE 64
#define NIL_UUID "00000000-0000-0000-0000-000000000000"

struct column {
	const char *name; /* in the file and of the read; NULL ends the table */
	bool is_text;     /* that somebody typed: it may look like a formula */
};

struct export
{
	const char *statement;
	const char *keys[KEY_MAX];  /* columns that the rows are ordered by */
	const char *start[KEY_MAX]; /* below every key */
	const char *filters[2];     /* parameters behind the key */
	size_t filter_count;
	const struct column *columns;
};

static const struct column order_columns[] = {
	{"show_id", false}, {"event_title", true},    {"starts_at", false},  {"order_id", false},
	{"user_id", false}, {"state", false},         {"amount", false},     {"currency", false},
	{"seats", false},   {"labels", true},         {"used", false},       {"payment_id", false},
	{"method", false},  {"payment_state", false}, {"created_at", false}, {NULL, false},
};

static const struct column ledger_columns[] = {
	{"user_id", false},       {"entry_no", false},   {"account", false},
	{"kind", false},          {"amount", false},     {"currency", false},
	{"balance_after", false}, {"payment_id", false}, {"order_id", false},
	{"show_id", false},       {"at", false},         {NULL, false},
};

/* A spreadsheet takes a text that begins like a formula for one, quoted or not, and runs it for
 * whoever opens the file; behind an apostrophe it is text. Numbers may be negative. */
static void
put_field(const char *value, bool is_text)
{
	const bool is_formula = is_text && value[0] != '\0' && strchr("=+-@\t\r", value[0]) != NULL;
	const bool is_quoted = strpbrk(value, ",\"\r\n") != NULL;

	if (is_quoted)
		putchar('"');
	if (is_formula)
		putchar('\'');
	for (; *value != '\0'; value++) {
		if (*value == '"')
			putchar('"');
		putchar(*value);
	}
	if (is_quoted)
		putchar('"');
}

static void
put_row(const struct export *export, const struct db_rows *rows, size_t row)
{
	for (const struct column *column = export->columns; column->name; column++) {
		const char *value = db_text(rows, row, column->name);

		if (column != export->columns)
			putchar(',');
		if (value)
			put_field(value, column->is_text);
	}
	fputs("\r\n", stdout);
}

static void
put_names(const struct export *export)
{
	for (const struct column *column = export->columns; column->name; column++)
		printf("%s%s", column == export->columns ? "" : ",", column->name);
	fputs("\r\n", stdout);
}

/* Rows behind `key`, which becomes that of the last one. */
static enum err
put_chunk(struct ctl *ctl, struct arena *arena, const struct export *export,
	  char key[KEY_MAX][KEY_SIZE], size_t *count_r)
{
	struct db_params params;
	const struct db_rows *rows;
	size_t count;
	enum err err;

	db_params_init(&params, arena);
	for (size_t i = 0; i < KEY_MAX && export->keys[i]; i++)
		db_put_text(&params, key[i]);
	for (size_t i = 0; i < export->filter_count; i++)
		db_put_text(&params, export->filters[i]);
	err = db_read(ctl->core.db, export->statement, &params, arena, ctl->core.failure, &rows);
	if (err != ERR_OK)
		return err;
	count = db_rows_count(rows);
	for (size_t i = 0; i < count; i++)
		put_row(export, rows, i);
	for (size_t i = 0; count > 0 && i < KEY_MAX && export->keys[i]; i++)
		snprintf(key[i], KEY_SIZE, "%s", db_text(rows, count - 1, export->keys[i]));
	*count_r = count;
	return ERR_OK;
}

static int
put_chunks(struct ctl *ctl, const struct export *export)
{
	struct arena *arena = arena_new(CHUNK_MEMORY);
	char key[KEY_MAX][KEY_SIZE];
	size_t count = 0;
	enum err err;

	for (size_t i = 0; i < KEY_MAX && export->keys[i]; i++)
		snprintf(key[i], KEY_SIZE, "%s", export->start[i]);
	put_names(export);
	do {
		err = put_chunk(ctl, arena, export, key, &count);
		arena_reset(arena);
	} while (err == ERR_OK && count > 0 && !ferror(stdout));
	arena_free(arena);
	if (err != ERR_OK)
		return ctl_fail_recorded(ctl, "the file is not whole: could not read");
	if (ferror(stdout))
		return ctl_fail("the file is not whole: could not write to standard output");
	return EXIT_SUCCESS;
}

/* Who took the data out of the house is written down first. */
static int
run(struct ctl *ctl, const struct export *export, const char *action, const char *object)
{
	int status = ctl_connect(ctl, STATEMENT_TIMEOUT_MS);

	if (status != EXIT_SUCCESS)
		return status;
	if (ctl_audit_add(ctl, action, object) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not write the audit trail");
	return put_chunks(ctl, export);
}

int
ctl_export_orders(struct ctl *ctl, char **args)
{
	struct export export = {
		.statement = "export_orders",
		.keys = {"show_id", "order_id"},
		.start = {"0", NIL_UUID},
		.filters = {"2147483647"},
		.filter_count = 1,
		.columns = order_columns,
	};
	const char *show = ctl->options.show;
	struct arena *arena = ctl->core.arena;

	(void)args;
	if (!show)
		return run(ctl, &export, "export.orders", "every show");
	if (ctl_show_id(show) == 0)
		return ctl_fail("%s is not the id of a show", show);
	export.start[0] = export.filters[0] = show;
	return run(ctl, &export, "export.orders", arena_printf(arena, "show %s", show));
}

int
ctl_export_ledger(struct ctl *ctl, char **args)
{
	const char *from = ctl->options.from, *to = ctl->options.to;
	const struct export export = {
		.statement = "export_ledger",
		.keys = {"user_id", "entry_no", "account"},
		.start = {NIL_UUID, "0", "wallet"},
		.filters = {from, to},
		.filter_count = 2,
		.columns = ledger_columns,
	};
	int32_t days;

	(void)args;
	if (from && !clock_parse_date(from, strlen(from), &days))
		return ctl_fail("%s is not a day such as 2026-11-21", from);
	if (to && !clock_parse_date(to, strlen(to), &days))
		return ctl_fail("%s is not a day such as 2026-11-21", to);
	return run(ctl, &export, "export.ledger",
		   arena_printf(ctl->core.arena, "ledger from %s to %s",
				from ? from : "the beginning", to ? to : "now"));
}
