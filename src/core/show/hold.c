#include "config.h"

#include "core/show/hold.h"

#include <string.h>

#include "base/arena.h"
#include "base/seatbits.h"
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
	uint8_t *read;    /* states of the seats as they were read */
	uint8_t *bits;    /* the same, with what a refusal told */
	bool is_told;     /* they differ */
	bool is_same;     /* as before the refusal */
	bool is_fresh;    /* read anew */
	size_t blocks;    /* to send */
	uint32_t callers; /* of this moment */
	struct best best;
};

/* Seats that were read anew are shared for a while, which grows with the hall. A read takes a
 * millisecond for 6,000 seats. So the readers of a show take a sixtieth of a processor's time when
 * too few seats are free, and a twelfth when others are faster. In a hall of less than 100 or 500
 * seats each reads for himself. */
#define FEW_SEATS_A_MS 100
#define AGAIN_SEATS_A_MS 500
#define RIVALS_MIN 16

#define FIRST_SEATS 64
#define FIRST_BLOCKS_MIN 3
#define FIRST_BLOCKS_MAX 8

static struct read_age
fresh(struct core *core, const struct plan *plan, int64_t seats_a_ms)
{
	const int64_t age_ms = (int64_t)plan->seats / seats_a_ms;
	const int64_t most_ms = core->config->cache_availability_soft_ms;

	return read_age_strict(age_ms < most_ms ? age_ms : most_ms);
}

static enum err
read_seats(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	   struct read_age age, struct choice *choice)
{
	size_t seats;
	enum err err = seatmap_bits(core, wish->show_id, age, &seats, &choice->read);

	if (err != ERR_OK)
		return err;
	if (seats != plan->seats)
		return fail_log(core->failure, CODE_INTERNAL, "the plan of show %lld has %zu seats",
				(long long)wish->show_id, plan->seats);
	choice->bits = arena_alloc(core->arena, seatbits_size(seats));
	memcpy(choice->bits, choice->read, seatbits_size(seats));
	choice->is_told = false;
	return ERR_OK;
}

static void
search(struct core *core, const struct hold_wish *wish, const struct plan *plan,
       struct choice *choice)
{
	struct best_wish best = {.count = (size_t)wish->count,
				 .grade = wish->grade,
				 .blocks = choice->blocks,
				 .callers = choice->callers};

	text_random(&best.seed, sizeof(best.seed));
	best_search(core->arena, plan, choice->bits, &best, &choice->best);
}

/* There are fewer blocks than callers of this moment, who would mostly be refused. */
static bool
is_scarce(const struct choice *choice)
{
	const size_t blocks = choice->best.blocks;

	return blocks < choice->blocks && blocks < choice->callers;
}

/* Others may have given seats back since the cached read. So where few are free, seats are read
 * anew before anybody is told so. `is_over_r`: enough are free, but all of them were refused, and
 * nothing has changed since. */
static enum err
choose(struct core *core, const struct hold_wish *wish, const struct plan *plan,
       struct choice *choice, bool *is_over_r)
{
	struct read_age age;
	enum err err;

	*is_over_r = false;
	search(core, wish, plan, choice);
	if (choice->best.blocks == 0 && choice->is_told) {
		memcpy(choice->bits, choice->read, seatbits_size(plan->seats));
		choice->is_told = false;
		search(core, wish, plan, choice);
		*is_over_r = choice->best.blocks > 0 && choice->is_same;
	}
	/* guard: too few */
	if (choice->is_fresh || !is_scarce(choice))
		return ERR_OK;
	age = fresh(core, plan, choice->best.blocks == 0 ? FEW_SEATS_A_MS : AGAIN_SEATS_A_MS);
	err = read_seats(core, wish, plan, age, choice);
	if (err != ERR_OK)
		return err;
	choice->is_fresh = true;
	search(core, wish, plan, choice);
	return ERR_OK;
}

/* How many may want the same since seats were read anew: a part of those of the moment before, and
 * callers that this host does not know of. The last call begins farther back. */
static uint32_t
rivals(const struct choice *choice, bool is_last)
{
	const uint32_t part = choice->callers / 8;

	if (is_last)
		return 2 * choice->callers;
	return part > RIVALS_MIN ? part : RIVALS_MIN;
}

static void
pass_by(struct choice *choice, const struct plan *plan, const struct jval *taken)
{
	for (size_t i = 0; i < jin_array_length(taken); i++) {
		const size_t seat = (size_t)jin_i64(jin_array_at(taken, i));

		if (seat < plan->seats)
			choice->bits[seat / 4] |= (uint8_t)(1 << (seat % 4 * 2));
	}
	choice->is_told = true;
}

/* Others were faster. So the next search is among seats that were read anew. It passes by those
 * that the refusals named. But after a change the last search passes by none: they may only have
 * been locked. */
static enum err
learn(struct core *core, const struct hold_wish *wish, const struct plan *plan,
      struct choice *choice, const struct jval *taken, bool is_last)
{
	uint8_t *const bits = choice->bits, *const before = choice->read;
	enum err err = /* guard: read anew */ read_seats(
		core, wish, plan, fresh(core, plan, AGAIN_SEATS_A_MS), choice);

	if (err != ERR_OK)
		return err;
	choice->is_same = memcmp(before, choice->read, seatbits_size(plan->seats)) == 0;
	if (choice->is_same)
		choice->bits = bits;
	if (choice->is_same || !is_last)
		pass_by(choice, plan, taken);
	choice->callers = rivals(choice, is_last);
	choice->blocks = BEST_BLOCKS_MAX;
	choice->is_fresh = true;
	return ERR_OK;
}

/* Calls until something is taken or refused for another reason than that others were faster, or
 * until nothing is left that was not refused. Each call may be the repetition of one whose answer
 * was lost, so all have one id. */
static enum err
take_one(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	 struct choice *choice, struct outcome *outcome)
{
	const struct core_key *key = wish->key;
	enum err err;

	for (int call = 1;; call++) {
		bool is_over;

		err = choose(core, wish, plan, choice, &is_over);
		if (err != ERR_OK || is_over)
			return err;
		err = call_show_hold_take_first(
			core, wish->show_id, &key->request_id, &key->user_id, wish->count,
			wish->grade, choice->best.seats, choice->best.blocks * (size_t)wish->count,
			key->key != NULL, rest_s(core), core->config->booking_unpaid_holds,
			outcome);
		if (err != ERR_OK || !outcome_is(outcome, "seats_taken") || call == HOLD_BEST_CALLS)
			return err;
		err = learn(core, wish, plan, choice, jin_get(outcome_result(outcome), "seats"),
			    call == HOLD_BEST_CALLS - 1);
		if (err != ERR_OK)
			return err;
	}
}

/* Every seat that is named costs the database a look, and the first call seldom needs many. */
static size_t
first_blocks(const struct hold_wish *wish)
{
	const size_t blocks = FIRST_SEATS / (size_t)wish->count;

	return blocks < FIRST_BLOCKS_MIN   ? FIRST_BLOCKS_MIN
	       : blocks > FIRST_BLOCKS_MAX ? FIRST_BLOCKS_MAX
					   : blocks;
}

enum err
hold_take_best(struct core *core, const struct hold_wish *wish, const struct plan *plan,
	       int *status_r, struct buf *body)
{
	struct choice choice = {.blocks = first_blocks(wish)};
	struct outcome outcome;
	enum err err = read_seats(core, wish, plan,
				  read_age_live(core->config->cache_availability_soft_ms), &choice);

	choice.callers = hostmem_crowd(wish->show_id);
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
