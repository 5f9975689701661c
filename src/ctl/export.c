/* boxofficectl export …: prints tables as CSV (RFC 4180, UTF-8, a line of names first) on standard
 * output. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "core/account/wallet.h"
#include "core/export.h"
#include "core/show/order.h"
#include "ctl/ctl.h"

#define STATEMENT_TIMEOUT_MS 600000 /* a chunk of a few days may read all of a long ledger */
#define CHUNK_MEMORY ((size_t)16 << 20)
/* A spreadsheet takes a text that begins like a formula, quoted or not, for a formula, and runs it
 * when somebody opens the file. An apostrophe in front makes it a text. Numbers may be negative. */
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
put_row(const struct export *export, const char *const *fields)
{
	for (size_t n = 0; n < export->column_count; n++) {
		if (n > 0)
			putchar(',');
		if (fields[n])
			put_field(fields[n], export->columns[n].is_text);
	}
	fputs("\r\n", stdout);
}

static void
put_names(const struct export *export)
{
	for (size_t n = 0; n < export->column_count; n++)
		printf("%s%s", n == 0 ? "" : ",", export->columns[n].name);
	fputs("\r\n", stdout);
}

static int
put_chunks(struct ctl *ctl, struct export *export)
{
	struct core core = ctl->core;
	const char *const *fields;
	size_t count = 0;
	enum err err;

	core.arena = arena_new(CHUNK_MEMORY);
	put_names(export);
	do {
		err = export_next(&core, export, &fields, &count);
		for (size_t i = 0; err == ERR_OK && i < count; i++)
			put_row(export, fields + i * export->column_count);
		arena_reset(core.arena);
	} while (err == ERR_OK && count > 0 && !ferror(stdout));
	arena_free(core.arena);
	if (err != ERR_OK)
		return ctl_fail_recorded(ctl, "the file is not whole: could not read");
	if (ferror(stdout))
		return ctl_fail("the file is not whole: could not write to standard output");
	return EXIT_SUCCESS;
}

/* Before any data is printed, the audit trail records who exports it. */
static int
run(struct ctl *ctl, struct export *export, const char *action, const char *object)
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
	const char *show = ctl->options.show;
	struct arena *arena = ctl->core.arena;
	struct export export;

	(void)args;
	if (show && ctl_show_id(show) == 0)
		return ctl_fail("%s is not the id of a show", show);
	order_export(&export, show);
	return run(ctl, &export, "export.orders",
		   show ? arena_printf(arena, "show %s", show) : "every show");
}

int
ctl_export_ledger(struct ctl *ctl, char **args)
{
	const char *from = ctl->options.from, *to = ctl->options.to;
	struct export export;
	int32_t days;

	(void)args;
	if (from && !clock_parse_date(from, strlen(from), &days))
		return ctl_fail("%s is not a day such as 2026-11-21", from);
	if (to && !clock_parse_date(to, strlen(to), &days))
		return ctl_fail("%s is not a day such as 2026-11-21", to);
	wallet_export(&export, from, to);
	return run(ctl, &export, "export.ledger",
		   arena_printf(ctl->core.arena, "ledger from %s to %s",
				from ? from : "the beginning", to ? to : "now"));
}
