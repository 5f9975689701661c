#include "config.h"

#include "core/show/hold.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/plan.h"
#include "core/read.h"
#include "core/show/best.h"
#include "core/show/seatmap.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jdoc.h"
#include "json/jin.h"
#include "json/jout.h"

int64_t
hold_seconds_left(int64_t expires_at)
{
	const int64_t left_us = expires_at * 1000000 - hostmem_db_now_us(NULL);

	return left_us > 0 ? left_us / 1000000 : 0;
}

static bool
is_live(const char *hold)
{
	size_t len;
	const char *state = jdoc_member(hold, "state", &len);

	return strncmp(state, "\"active\"", len) == 0 || strncmp(state, "\"paying\"", len) == 0;
}

static void
put(struct jout *out, const char *hold)
{
	const int64_t expires_at = jdoc_i64(hold, "expires_at");

	jout_object(out);
	jdoc_copy(out, hold, "id");
	jdoc_copy(out, hold, "show_id");
	jdoc_copy(out, hold, "state");
	jdoc_copy(out, hold, "seats");
	jdoc_copy(out, hold, "amount");
	jdoc_copy(out, hold, "currency");
	jout_key_time(out, "expires_at", expires_at);
	jout_key_i64(out, "expires_in", is_live(hold) ? hold_seconds_left(expires_at) : 0);
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

	/* guard: number of seats */
	if (seats->count == 0 || (int64_t)seats->count > max)
		return fail_field(core->failure, "seats", "must have 1 to %lld elements",
				  (long long)max);
	err = call_show_hold_take(core, show_id, &key->request_id, &key->user_id, seats->items,
				  seats->count, key->key != NULL, replaces, rest_s(core),
				  core->config->booking_unpaid_holds, 0, NULL, &outcome);
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

/* --- the best --- */

/* What is known of the seats, and what a search made of it. */
struct choice {
	uint8_t *bits;
	bool is_fresh; /* read when this request already ran */
	bool is_crowded;
	struct best best;
};

/* A read of the seats takes a millisecond for some thousands. Where nothing is free, readers share
 * one that is at most so old, so that they take a hundredth of a processor's time. */
static int64_t
fresh_ms(struct core *core, const struct plan *plan)
{
	const int64_t age_ms = (int64_t)plan->seats / 100;
	const int64_t most_ms = core->config->cache_availability_soft_ms;

	return age_ms < most_ms ? age_ms : most_ms;
}

static enum err
read_seats(struct core *core, const struct hold_wish *wish, const struct plan *plan, int64_t age_ms,
	   struct choice *choice)
{
	size_t seats;
	enum err err = seatmap_bits(core, wish->show_id, age_ms, &seats, &choice->bits);

	if (err == ERR_OK && seats != plan->seats)
		return fail_log(core->failure, CODE_INTERNAL, "the plan of show %lld has %zu seats",
				(long long)wish->show_id, plan->seats);
	return err;
}

static void
search(struct core *core, const struct hold_wish *wish, const struct plan *plan,
       struct choice *choice)
{
	struct best_wish best = {.count = (size_t)wish->count,
				 .grade = wish->grade,
				 .is_crowded = choice->is_crowded};

	text_random(&best.seed, sizeof(best.seed));
	best_search(core->arena, plan, choice->bits, &best, &choice->best);
}

/* Seats that others may have given back since the cached read count: "too few" is said only of
 * seats that were read anew. */
static enum err
choose(struct core *core, const struct hold_wish *wish, const struct plan *plan,
       struct choice *choice)
{
	enum err err;

	search(core, wish, plan, choice);
	/* guard: too few */
	if (choice->best.blocks > 0 || choice->is_fresh)
		return ERR_OK;
	err = read_seats(core, wish, plan, fresh_ms(core, plan), choice);
	if (err != ERR_OK)
		return err;
	choice->is_fresh = true;
	search(core, wish, plan, choice);
	return ERR_OK;
}

/* The next search passes by the seats that a refusal named. */
static void
learn(struct choice *choice, const struct plan *plan, const struct jval *taken)
{
	for (size_t i = 0; i < jin_array_length(taken); i++) {
		const size_t seat = (size_t)jin_i64(jin_array_at(taken, i));

		if (seat < plan->seats)
			choice->bits[seat / 4] |= (uint8_t)(1 << (seat % 4 * 2));
	}
	choice->is_crowded = true;
	choice->is_fresh = false;
}

/* Calls until something is taken or refused for another reason than that others were faster. Each
 * call may be the repetition of one whose answer was lost, so all have one id. */
static enum err
take_one(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	 struct choice *choice, struct outcome *outcome)
{
	const struct core_key *key = wish->key;
	enum err err;

	for (int call = 1;; call++) {
		err = choose(core, wish, plan, choice);
		if (err == ERR_OK)
			err = call_show_hold_take_first(
				core, wish->show_id, &key->request_id, &key->user_id, wish->count,
				wish->grade, choice->best.seats,
				choice->best.blocks * (size_t)wish->count, key->key != NULL,
				rest_s(core), core->config->booking_unpaid_holds, outcome);
		if (err != ERR_OK || !outcome_is(outcome, "seats_taken") || call == HOLD_BEST_CALLS)
			return err;
		learn(choice, plan, jin_get(outcome_result(outcome), "seats"));
		/* guard: the last on seats read anew */
		if (call == HOLD_BEST_CALLS - 1) {
			err = read_seats(core, wish, plan, 0, choice);
			if (err != ERR_OK)
				return err;
			choice->is_fresh = true;
		}
	}
}

enum err
hold_take_best(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	       int *status_r, struct buf *body)
{
	struct choice choice = {.bits = NULL};
	struct outcome outcome;
	enum err err =
		read_seats(core, wish, plan, core->config->cache_availability_soft_ms, &choice);

	if (err == ERR_OK)
		err = take_one(core, wish, plan, &choice, &outcome);
	if (err == ERR_OK)
		count_refusal(&outcome);
	if (err == ERR_OK)
		err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	*status_r = outcome_is(&outcome, "created") ? 201 : 200;
	if (*status_r == 201)
		hostmem_add(METRIC_HOLDS_TAKEN, 1);
	hold_render(outcome.text, body);
	return ERR_OK;
}

/* --- a hold that is there --- */

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
	list_begin(&out, body);
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
