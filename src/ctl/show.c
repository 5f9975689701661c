/* boxofficectl show …, payments …: what an operator asks and mends. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/config.h"
#include "base/uuid.h"
#include "core/saga/payment.h"
#include "db/db.h"
#include "ctl/ctl.h"

static int
query(struct ctl *ctl, const char *statement, int64_t value, const struct db_rows **rows_r)
{
	struct db_params params;
	int status = ctl_connect(ctl, ctl->config->database_statement_timeout_ms);

	if (status != EXIT_SUCCESS)
		return status;
	db_params_init(&params, ctl->core.arena);
	db_put_i64(&params, value);
	if (db_read(ctl->core.db, statement, &params, ctl->core.arena, ctl->core.failure, rows_r) !=
	    ERR_OK)
		return ctl_fail_recorded(ctl, "could not read");
	return EXIT_SUCCESS;
}

int
ctl_show_status(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	const int64_t id = ctl_show_id(args[0]);
	int status;

	if (id == 0)
		return ctl_fail("%s is not the id of a show", args[0]);
	if ((status = query(ctl, "show_status", id, &rows)) != EXIT_SUCCESS)
		return status;
	if (db_rows_count(rows) == 0)
		return ctl_fail("there is no show %s", args[0]);
	printf("state %s\nrefunds_left %lld\n", db_text(rows, 0, "state"),
	       (long long)db_i64(rows, 0, "refunds_left"));
	return EXIT_SUCCESS;
}

int
ctl_payments_stuck(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	int status = query(ctl, "payments_stuck", ctl->config->batch_settle_tries, &rows);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	for (size_t i = 0; i < db_rows_count(rows); i++)
		printf("%s show %lld order %s tries %lld: %s\n", db_text(rows, i, "payment_id"),
		       (long long)db_i64(rows, i, "show_id"), db_text(rows, i, "order_id"),
		       (long long)db_i64(rows, i, "tries"), db_text(rows, i, "error"));
	return EXIT_SUCCESS;
}

static bool
is_among(const struct db_rows *rows, int64_t show, const struct uuid *payment_id)
{
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct uuid row_id;

		db_uuid(rows, i, "payment_id", &row_id);
		if (db_i64(rows, i, "show_id") == show && uuid_is_equal(&row_id, payment_id))
			return true;
	}
	return false;
}

int
ctl_payments_retry(struct ctl *ctl, char **args)
{
	const int64_t id = ctl_show_id(args[0]);
	const struct db_rows *rows;
	struct uuid payment_id;
	const char *object;
	int status;

	if (id == 0 || !uuid_parse(args[1], strlen(args[1]), &payment_id))
		return ctl_fail("%s %s is not a show and a payment", args[0], args[1]);
	status = query(ctl, "payments_stuck", ctl->config->batch_settle_tries, &rows);
	if (status != EXIT_SUCCESS)
		return status;
	if (!is_among(rows, id, &payment_id))
		return ctl_fail("no payment %s of show %s is stuck", args[1], args[0]);
	object = arena_printf(ctl->core.arena, "payment %s of show %s", args[1], args[0]);
	if (ctl_audit_add(ctl, "payment.retry", object) != ERR_OK ||
	    payment_tried(&ctl->core, id, &payment_id, NULL) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not forget the tries");
	return EXIT_SUCCESS;
}
