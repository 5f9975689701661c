#include "config.h"

#include "core/saga/payment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "call/account.h"
#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/show/order.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "json/jout.h"

const char *
payment_end_name(enum payment_end end)
{
	static const char *const names[PAYMENT_END_MAX] = {
		[PAYMENT_APPROVED] = "approved",
		[PAYMENT_VOIDED] = "voided",
		[PAYMENT_REFUNDED] = "refunded",
	};

	assert(end < PAYMENT_END_MAX);
	return names[end];
}

/* --- steps --- */

/* Ends a payment that took no money: the hold becomes active again and the order pending. */
static enum err
end(struct core *core, const struct payment_row *row, const char *state)
{
	struct outcome outcome;
	enum err err = call_show_payment_end(core, row->show_id, &row->order_id, &row->payment_id,
					     &row->user_id, state, &outcome);

	return outcome_expect_ok(core, err, &outcome);
}

/* Seats that were kept are gone, which must never happen. Closes the order. */
static enum err
fail_order(struct core *core, const struct payment_row *row)
{
	struct outcome outcome;
	enum err err = call_show_order_fail(core, row->show_id, &row->order_id, &row->payment_id,
					    &row->user_id, &outcome);

	return outcome_expect_ok(core, err, &outcome);
}

enum err
payment_refund(struct core *core, const struct payment_row *row, const struct jval **result_r)
{
	struct outcome outcome;
	enum err err =
		call_account_wallet_refund(core, &row->user_id, &row->payment_id, &row->order_id,
					   row->show_id, row->amount_minor, &outcome);

	err = outcome_expect_ok(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	err = call_show_order_refunded(core, row->show_id, &row->order_id, &row->payment_id,
				       &row->user_id, &outcome);
	err = outcome_expect_ok(core, err, &outcome);
	if (err == ERR_OK)
		*result_r = outcome_result(&outcome);
	return err;
}

/*
 * The wallet was debited. This goes on to the paid order, or closes the order and gives the money
 * back. order_confirm ignores the ticket ids of a repeated call.
 */
static enum err
confirm(struct core *core, const struct payment_row *row, enum payment_end *end_r,
	const struct jval **result_r)
{
	struct uuid *tickets = arena_calloc(core->arena, row->seats, sizeof(*tickets));
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < row->seats; i++)
		uuid_new(&tickets[i]);
	err = call_show_order_confirm(core, row->show_id, &row->order_id, &row->payment_id,
				      &row->user_id, tickets, row->seats, &outcome);
	if (err != ERR_OK)
		return err;
	if (outcome_is(&outcome, "ok")) {
		*end_r = PAYMENT_APPROVED;
		*result_r = outcome_result(&outcome);
		return ERR_OK;
	}
	if (outcome_is(&outcome, "seats_lost"))
		err = fail_order(core, row);
	else if (!outcome_is(&outcome, "order_closed"))
		err = outcome_expect_ok(core, err, &outcome);
	if (err == ERR_OK)
		err = payment_refund(core, row, result_r);
	if (err == ERR_OK)
		*end_r = PAYMENT_REFUNDED;
	return err;
}

/* --- a request --- */

static enum err
begin(struct core *core, const char *method, const struct core_key *key, struct payment_row *row,
      struct outcome *outcome)
{
	enum err err = call_show_payment_begin(core, row->show_id, &row->order_id, &row->payment_id,
					       method, key, outcome);

	err = outcome_accept(core, err, outcome);
	if (err != ERR_OK || outcome_is(outcome, "replay"))
		return err;
	row->amount_minor = jin_get_i64(outcome_result(outcome), "amount");
	row->seats = (size_t)jin_get_i64(outcome_result(outcome), "seats");
	return ERR_OK;
}

/*
 * The wallet decides. On insufficient_balance it wrote the void itself. order_closed means that
 * settling wrote the void while this request was slow: no money was taken and none ever will be.
 * The order is pending again, so the client may simply pay once more.
 */
static enum err
debit(struct core *core, const struct payment_row *row)
{
	struct outcome outcome;
	enum err err =
		call_account_wallet_debit(core, &row->user_id, &row->payment_id, &row->order_id,
					  row->show_id, row->amount_minor, &outcome);

	if (err != ERR_OK || outcome_is(&outcome, "ok"))
		return err;
	if (outcome_is(&outcome, "insufficient_balance")) {
		err = end(core, row, "declined");
		return err != ERR_OK ? err : outcome_check(core, &outcome);
	}
	if (!outcome_is(&outcome, "order_closed"))
		return outcome_expect_ok(core, err, &outcome);
	err = end(core, row, "voided");
	if (err == ERR_OK)
		err = fail(core->failure, CODE_UNAVAILABLE,
			   "the payment took too long and was given up before the wallet was "
			   "touched: pay again");
	return err;
}

enum err
payment_pay(struct core *core, int64_t show_id, const struct uuid *order_id, const char *method,
	    const struct core_key *key, bool *is_replay_r, struct buf *body)
{
	struct payment_row row = {
		.show_id = show_id, .order_id = *order_id, .user_id = key->user_id};
	enum payment_end how = PAYMENT_APPROVED;
	const struct jval *result = NULL;
	struct outcome outcome;
	struct jout out;
	enum err err;

	if (strcmp(method, "wallet") != 0)
		return fail_field(core->failure, "method", "is not offered");
	uuid_new(&row.payment_id);
	err = begin(core, method, key, &row, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is(&outcome, "replay");
	if (*is_replay_r) {
		result = outcome_answer(&outcome).body;
	} else {
		err = debit(core, &row);
		if (err == ERR_OK)
			err = confirm(core, &row, &how, &result);
		if (err != ERR_OK)
			return err;
		if (how == PAYMENT_REFUNDED)
			return outcome_refuse(core, CODE_ORDER_CLOSED);
		hostmem_add(METRIC_PAYMENTS_APPROVED, 1);
	}
	jout_init(&out, body);
	order_render_paid(core, &out, result);
	return ERR_OK;
}

/* --- settling --- */

static bool
read_row(const struct db_rows *rows, size_t i, struct payment_row *row)
{
	row->show_id = db_i64(rows, i, "show_id");
	row->amount_minor = db_i64(rows, i, "amount");
	row->seats = (size_t)db_i64(rows, i, "seats");
	row->is_wallet = strcmp(db_text(rows, i, "method"), "wallet") == 0;
	row->is_only_refund = db_i64(rows, i, "is_due") != 0;
	row->tries = db_i64(rows, i, "tries");
	return db_uuid(rows, i, "order_id", &row->order_id) &&
	       db_uuid(rows, i, "payment_id", &row->payment_id) &&
	       db_uuid(rows, i, "user_id", &row->user_id);
}

enum err
payment_unfinished(struct core *core, int64_t age_s, int64_t limit, int64_t tries,
		   struct payment_place *place, const struct payment_row **rows_r, size_t *count_r)
{
	struct payment_row *list;
	const struct db_rows *rows;
	enum err err = read_show_payments_unfinished(
		core, core->db, age_s, limit, tries,
		place->since[0] == '\0' ? "-infinity" : place->since, &place->payment_id, &rows);

	if (err != ERR_OK)
		return err;
	list = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*list));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (!read_row(rows, i, &list[i]))
			return fail_log(core->failure, CODE_INTERNAL, "a payment without its ids");
	*rows_r = list;
	*count_r = db_rows_count(rows);
	if (*count_r > 0) {
		snprintf(place->since, sizeof(place->since), "%s",
			 db_text(rows, *count_r - 1, "since"));
		place->payment_id = list[*count_r - 1].payment_id;
	}
	return ERR_OK;
}

enum err
payment_settle(struct core *core, const struct payment_row *row, enum payment_end *end_r)
{
	const struct jval *result;
	struct outcome outcome;
	enum err err;

	if (!row->is_wallet)
		return fail_log(core->failure, CODE_INTERNAL, "no gateway to ask about a payment");
	if (row->is_only_refund) {
		err = payment_refund(core, row, &result);
		if (err == ERR_OK)
			*end_r = PAYMENT_REFUNDED;
		return err;
	}
	err = call_account_wallet_void(core, &row->user_id, &row->payment_id, &row->order_id,
				       row->show_id, &outcome);
	err = outcome_expect_ok(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	if (jin_get_bool(outcome_result(&outcome), "debited"))
		return confirm(core, row, end_r, &result);
	err = end(core, row, "voided");
	if (err == ERR_OK)
		*end_r = PAYMENT_VOIDED;
	return err;
}

enum err
payment_tried(struct core *core, int64_t show_id, const struct uuid *payment_id, const char *error,
	      int64_t tries)
{
	struct outcome outcome;
	enum err err = call_show_settle_tried(core, show_id, payment_id, error, tries, &outcome);

	return outcome_expect_ok(core, err, &outcome);
}

enum err
payment_stuck(struct core *core, int64_t tries, const struct payment_stuck **rows_r,
	      size_t *count_r)
{
	struct payment_stuck *list;
	const struct db_rows *rows;
	enum err err = read_show_payments_stuck(core, core->db, tries, &rows);

	if (err != ERR_OK)
		return err;
	list = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*list));
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		list[i] = (struct payment_stuck){.show_id = db_i64(rows, i, "show_id"),
						 .tries = db_i64(rows, i, "tries"),
						 .error = db_text(rows, i, "error")};
		if (!db_uuid(rows, i, "payment_id", &list[i].payment_id) ||
		    !db_uuid(rows, i, "order_id", &list[i].order_id))
			return fail_log(core->failure, CODE_INTERNAL, "a payment without its ids");
	}
	*rows_r = list;
	*count_r = db_rows_count(rows);
	return ERR_OK;
}
