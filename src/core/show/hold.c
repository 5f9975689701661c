#include "config.h"

#include "core/show/hold.h"

#include "base/arena.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jdoc.h"
#include "json/jin.h"
#include "json/jout.h"

static void
put(struct jout *out, const char *hold)
{
	jout_object(out);
	jdoc_copy(out, hold, "id");
	jdoc_copy(out, hold, "show_id");
	jdoc_copy(out, hold, "state");
	jdoc_copy(out, hold, "seats");
	jdoc_copy(out, hold, "amount");
	jdoc_copy(out, hold, "currency");
	jout_key_time(out, "expires_at", jdoc_i64(hold, "expires_at"));
	jout_end(out);
}

void
hold_render(const char *hold, struct buf *body)
{
	struct jout out;

	jout_init(&out, body);
	put(&out, hold);
}

/* Records a violation for each seat that the hall does not have, at its place in the request. */
static enum err
refuse_unknown(struct core *core, const struct jin_i64s *seats, const struct jval *unknown)
{
	const int64_t least = jin_i64(jin_array_at(unknown, 0));
	enum err err = ERR_INVALID;

	for (size_t i = 0; i < seats->count; i++)
		if (seats->items[i] >= least)
			err = fail_field(core->failure,
					 arena_printf(core->arena, "seats[%zu]", seats->places[i]),
					 "is no seat of this show");
	return err;
}

enum err
hold_check_seats(struct core *core, struct outcome *outcome, const struct jin_i64s *seats)
{
	if (outcome_is(outcome, "validation_failed"))
		return refuse_unknown(core, seats, jin_get(outcome_result(outcome), "seats"));
	return outcome_check(core, outcome);
}

/* How long a seat that was kept without paying rests for its buyer. At a till one account buys for
 * many. */
static int64_t
rest_s(const struct core *core)
{
	return /* guard: till */ core->is_till ? 0 : core->config->booking_seat_rest_s;
}

static void
count_refusal(struct outcome *outcome)
{
	if (outcome_is(outcome, "rate_limited"))
		hostmem_add(METRIC_HOLDS_LIMITED, 1);
	else if (outcome_is(outcome, "seats_taken") &&
		 jin_get(outcome_result(outcome), "again_at") != NULL)
		hostmem_add(METRIC_HOLDS_RESTED, 1);
	else if (outcome_is(outcome, "seats_taken") || outcome_is(outcome, "not_enough_seats"))
		hostmem_add(METRIC_HOLDS_REFUSED, 1);
}

enum err
hold_take(struct core *core, int64_t show_id, const struct core_key *key,
	  const struct jin_i64s *seats, const struct uuid *replaces, int *status_r,
	  struct buf *body)
{
	const int64_t max = core->config->booking_max_seats_per_request;
	struct outcome outcome;
	enum err err;

	if ((int64_t)seats->count > max)
		return fail_field(core->failure, "seats", "must have 1 to %lld elements",
				  (long long)max);
	err = call_show_hold_take(core, show_id, &key->request_id, &key->user_id, seats->items,
				  seats->count, key->key != NULL, replaces, rest_s(core),
				  core->config->booking_unpaid_holds, &outcome);
	if (err == ERR_OK)
		count_refusal(&outcome);
	if (err == ERR_OK)
		err = hold_check_seats(core, &outcome, seats);
	if (err != ERR_OK)
		return err;
	*status_r = outcome_is(&outcome, "created") ? 201 : 200;
	if (*status_r == 201)
		hostmem_add(METRIC_HOLDS_TAKEN, 1);
	hold_render(outcome.text, body);
	return ERR_OK;
}

enum err
hold_best(struct core *core, int64_t show_id, const struct uuid *user_id, int64_t count,
	  const char *grade, int *status_r, struct buf *body)
{
	const int64_t max = core->config->booking_max_seats_per_request;
	struct outcome outcome;
	struct uuid hold_id;
	enum err err;

	if (count > max)
		return fail_field(core->failure, "best.count", "must be 1 to %lld", (long long)max);
	uuid_new(&hold_id);
	err = call_show_hold_best(core, show_id, &hold_id, user_id, count, grade, rest_s(core),
				  core->config->booking_unpaid_holds, &outcome);
	if (err == ERR_OK)
		count_refusal(&outcome);
	if (err == ERR_OK)
		err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	*status_r = 201;
	hostmem_add(METRIC_HOLDS_TAKEN, 1);
	hold_render(outcome.text, body);
	return ERR_OK;
}

enum err
hold_read(struct core *core, const struct hold_id *id, struct buf *body)
{
	const struct db_rows *rows;
	enum err err =
		read_show_hold(core, core->db, id->show_id, &id->hold_id, &id->user_id, &rows);

	err = read_found(core, err, &rows);
	if (err == ERR_OK)
		hold_render(db_text(rows, 0, "hold"), body);
	return err;
}

enum err
hold_list(struct core *core, int64_t show_id, const struct uuid *user_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_show_holds(core, core->db, show_id, user_id, &rows);

	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key(&out, "items");
	jout_array(&out);
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (!db_is_null(rows, i, "hold"))
			put(&out, db_text(rows, i, "hold"));
	jout_end(&out);
	jout_end(&out);
	return ERR_OK;
}

enum err
hold_extend(struct core *core, const struct hold_id *id, struct buf *body)
{
	struct outcome outcome;
	enum err err =
		call_show_hold_extend(core, id->show_id, &id->hold_id, &id->user_id, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err == ERR_OK)
		hold_render(outcome.text, body);
	return err;
}

enum err
hold_release(struct core *core, const struct hold_id *id)
{
	struct outcome outcome;
	enum err err =
		call_show_hold_release(core, id->show_id, &id->hold_id, &id->user_id, &outcome);

	return outcome_accept(core, err, &outcome);
}
