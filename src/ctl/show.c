/* boxofficectl show …, payments …: queries and repairs for operators. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "conf/config.h"
#include "core/saga/payment.h"
#include "core/show/show.h"
#include "ctl/ctl.h"

int
ctl_show_status(struct ctl *ctl, char **args)
{
	const int64_t id = ctl_show_id(args[0]);
	const char *state;
	int64_t refunds_left;
	bool is_found;
	int status;

	if (id == 0)
		return ctl_fail("%s is not the id of a show", args[0]);
	if ((status = ctl_connect_briefly(ctl)) != EXIT_SUCCESS)
		return status;
	if (show_status(&ctl->core, id, &state, &refunds_left, &is_found) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read");
	if (!is_found)
		return ctl_fail("there is no show %s", args[0]);
	printf("state %s\nrefunds_left %" PRId64 "\n", state, refunds_left);
	return EXIT_SUCCESS;
}

static int
read_stuck(struct ctl *ctl, const struct payment_stuck **rows_r, size_t *count_r)
{
	int status = ctl_connect_briefly(ctl);

	if (status != EXIT_SUCCESS)
		return status;
	if (payment_stuck(&ctl->core, ctl->config->batch_settle_tries, rows_r, count_r) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read");
	return EXIT_SUCCESS;
}

int
ctl_payments_stuck(struct ctl *ctl, char **args)
{
	char payment_id[UUID_TEXT_SIZE], order_id[UUID_TEXT_SIZE];
	const struct payment_stuck *rows;
	size_t count;
	int status = read_stuck(ctl, &rows, &count);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	for (size_t i = 0; i < count; i++) {
		uuid_format(&rows[i].payment_id, payment_id);
		uuid_format(&rows[i].order_id, order_id);
		printf("%s show %" PRId64 " order %s tries %" PRId64 ": %s\n", payment_id,
		       rows[i].show_id, order_id, rows[i].tries, rows[i].error);
	}
	return EXIT_SUCCESS;
}

static bool
is_among(const struct payment_stuck *rows, size_t count, int64_t show_id,
	 const struct uuid *payment_id)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].show_id == show_id && uuid_is_equal(&rows[i].payment_id, payment_id))
			return true;
	}
	return false;
}

int
ctl_payments_retry(struct ctl *ctl, char **args)
{
	const int64_t id = ctl_show_id(args[0]);
	const struct payment_stuck *rows;
	struct uuid payment_id;
	const char *object;
	size_t count;
	int status;

	if (id == 0 || !uuid_parse(args[1], strlen(args[1]), &payment_id))
		return ctl_fail("%s %s is not a show and a payment", args[0], args[1]);
	if ((status = read_stuck(ctl, &rows, &count)) != EXIT_SUCCESS)
		return status;
	if (!is_among(rows, count, id, &payment_id))
		return ctl_fail("no payment %s of show %s is stuck", args[1], args[0]);
	object = arena_printf(ctl->core.arena, "payment %s of show %s", args[1], args[0]);
	if (ctl_audit_add(ctl, "payment.retry", object) != ERR_OK ||
	    payment_tried(&ctl->core, id, &payment_id, NULL, 0) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not forget the tries");
	return EXIT_SUCCESS;
}
