#include "config.h"

#include "core/saga/show_change.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "call/directory.h"
#include "call/listing.h"
#include "call/show.h"
#include "core/core.h"
#include "core/listing/catalog.h"
#include "core/outcome.h"
#include "core/read.h"
#include "core/show/rerelease.h"
#include "core/show/show.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

#define TRIES_MAX 3 /* for changes of the same show by other admins */

/* The show as it was read and as it will be. */
struct plan {
	const struct show_entry *change;
	int64_t show_id;
	const struct db_rows *seen;
	struct uuid seen_revision;
	struct uuid revision; /* of this change; also the id of its slot */
	const struct jval *grades;
	struct show_times times;
	bool moves; /* needs the hall at another time */
};

/* --- planning --- */

static enum err
read_seen(struct core *core, struct plan *plan)
{
	enum err err = read_show_show_for_change(core, core->db, plan->show_id, &plan->seen);

	err = read_found(core, err, &plan->seen);
	if (err == ERR_OK && !db_uuid(plan->seen, 0, "revision", &plan->seen_revision))
		err = fail_log(core->failure, CODE_INTERNAL, "a show without its revision");
	return err != ERR_OK ? err : read_json(core, plan->seen, 0, "grades", &plan->grades);
}

static enum err
check_number(struct core *core, const struct plan *plan, const char *field, int64_t given)
{
	return given == 0 || /* guard: seats */ given == db_i64(plan->seen, 0, field)
		       ? ERR_OK
		       : fail_field(core->failure, field, "cannot be changed");
}

static enum err
check_fixed(struct core *core, const struct plan *plan)
{
	const struct show_entry *change = plan->change;
	const enum err errs[] = {
		check_number(core, plan, "event_id", change->event_id),
		check_number(core, plan, "hall_id", change->hall_id),
		check_number(core, plan, "layout_id", change->layout_id),
	};

	/* guard: currency */
	if (change->currency != NULL &&
	    strcmp(change->currency, db_text(plan->seen, 0, "currency")) != 0)
		return fail_field(core->failure, "currency", "cannot be changed");
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		if (errs[i] != ERR_OK)
			return errs[i];
	return ERR_OK;
}

static enum err
read_end(struct core *core, struct plan *plan)
{
	const struct db_rows *rows;
	enum err err = read_directory_event_for_show(core, core->db,
						     db_i64(plan->seen, 0, "event_id"), &rows);

	err = read_found(core, err, &rows);
	if (err == ERR_OK)
		plan->times.ends_at =
			plan->times.starts_at + 60 * db_i64(rows, 0, "running_minutes");
	return err;
}

/* An unchanged schedule must still begin before sales close. */
static enum err
plan_rerelease(struct core *core, struct plan *plan)
{
	const struct show_entry *change = plan->change;
	const int64_t closes_at = plan->times.sales_close_at;

	if (change->has_rerelease)
		return rerelease_check(core, &change->rerelease, closes_at);
	if (closes_at == db_i64(plan->seen, 0, "sales_close_at") ||
	    db_is_null(plan->seen, 0, "rerelease_at") ||
	    db_i64(plan->seen, 0, "rerelease_at") < closes_at)
		return ERR_OK;
	return fail_field(core->failure,
			  change->has_sales_close_at ? "sales_close_at" : "starts_at",
			  "must leave sales open beyond rerelease.at");
}

static enum err
plan_times(struct core *core, struct plan *plan)
{
	const struct show_entry *change = plan->change;
	const struct show_times seen = {
		.starts_at = db_i64(plan->seen, 0, "starts_at"),
		.ends_at = db_i64(plan->seen, 0, "ends_at"),
		.sales_open_at = db_i64(plan->seen, 0, "sales_open_at"),
		.sales_close_at = db_i64(plan->seen, 0, "sales_close_at"),
	};
	struct show_times *times = &plan->times;
	enum err err = ERR_OK;

	*times = seen;
	if (change->has_starts_at) {
		times->starts_at = change->starts_at;
		err = read_end(core, plan);
	}
	if (change->has_sales_open_at)
		times->sales_open_at = change->sales_open_at;
	if (change->has_sales_close_at && change->sales_close_at != SHOW_CLOSES_AT_START)
		times->sales_close_at = change->sales_close_at;
	else if (change->has_sales_close_at || seen.sales_close_at == seen.starts_at)
		times->sales_close_at = times->starts_at;
	plan->moves = times->starts_at != seen.starts_at || times->ends_at != seen.ends_at;
	if (err == ERR_OK)
		err = show_check_times(core, times, times->starts_at != seen.starts_at);
	if (err == ERR_OK)
		err = plan_rerelease(core, plan);
	return err;
}

static enum err
make_plan(struct core *core, struct plan *plan)
{
	enum err err = read_seen(core, plan), price_err = ERR_OK;
	const char *state;

	if (err != ERR_OK)
		return err;
	state = db_text(plan->seen, 0, "state");
	if (strcmp(state, "closed") == 0 || strcmp(state, "cancelled") == 0)
		return outcome_refuse(core, CODE_SHOW_CLOSED);
	err = check_fixed(core, plan);
	if (err == ERR_OK)
		err = plan_times(core, plan);
	if (plan->change->prices.count > 0)
		price_err = show_check_prices(core, plan->grades, &plan->change->prices);
	return err != ERR_OK ? err : price_err;
}

/* --- the steps --- */

static enum err
take_slot(struct core *core, const struct plan *plan, const struct jval **others_r)
{
	struct outcome outcome;
	enum err err = call_directory_slot_add(
		core, plan->show_id, &plan->revision, db_i64(plan->seen, 0, "hall_id"),
		plan->times.starts_at, plan->times.ends_at, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err == ERR_OK)
		*others_r = jin_get(outcome_result(&outcome), "others");
	return err;
}

/* The change as the database takes it: the members that were given. */
static const char *
spec_of(struct core *core, const struct plan *plan)
{
	const struct show_entry *change = plan->change;
	struct buf buf;
	struct jout out;

	buf_init(&buf, core->arena);
	jout_init(&out, &buf);
	jout_object(&out);
	if (plan->moves) {
		jout_key_i64(&out, "starts_at", plan->times.starts_at);
		jout_key_i64(&out, "ends_at", plan->times.ends_at);
	}
	if (change->has_sales_open_at)
		jout_key_i64(&out, "sales_open_at", plan->times.sales_open_at);
	if (change->has_sales_close_at || plan->moves)
		jout_key_i64(&out, "sales_close_at", plan->times.sales_close_at);
	if (change->has_max_seats_per_user)
		jout_key_i64(&out, "max_seats_per_user", change->max_seats_per_user);
	if (change->has_hold_seconds)
		jout_key_i64(&out, "hold_seconds", change->hold_seconds);
	if (change->has_rerelease)
		rerelease_put(&out, &change->rerelease);
	if (change->prices.count > 0) {
		jout_key(&out, "prices");
		jout_object(&out);
		for (size_t i = 0; i < change->prices.count; i++)
			jout_key_i64(&out, change->prices.names[i], change->prices.numbers[i]);
		jout_end(&out);
	}
	jout_end(&out);
	return buf_text(&buf);
}

static enum err
update(struct core *core, const struct plan *plan, const struct uuid *actor,
       struct outcome *outcome_r)
{
	const char *spec = spec_of(core, plan);
	int tries = 0;
	enum err err = call_show_show_update(core, plan->show_id, actor, &plan->seen_revision,
					     &plan->revision, spec, outcome_r);

	while (err == ERR_OK && /* guard: busy */ outcome_is(outcome_r, "busy")) {
		err = show_pause(core, &tries);
		if (err == ERR_OK)
			err = call_show_show_update(core, plan->show_id, actor,
						    &plan->seen_revision, &plan->revision, spec,
						    outcome_r);
	}
	return err;
}

/* If this fails, boxoffice-prune gives the slots back later. */
static void
drop_slots(struct core *core, int64_t show_id, const struct uuid *slots, size_t count)
{
	struct outcome outcome;
	struct failure aside;
	struct core unrecorded = core_aside(core, &aside);

	if (call_directory_slots_drop(&unrecorded, show_id, slots, count, &outcome) != ERR_OK)
		return;
}

static void
drop_others(struct core *core, int64_t show_id, const struct jval *others)
{
	const size_t count = jin_array_length(others);
	struct uuid *slots = arena_calloc(core->arena, count + 1, sizeof(*slots));
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		const char *text = jin_text(jin_array_at(others, i));

		if (uuid_parse(text, strlen(text), &slots[known]))
			known++;
	}
	if (known > 0)
		drop_slots(core, show_id, slots, known);
}

/* Puts the change into the lists at once. If it fails, the relay does the same in a second: the
 * show has changed, so its answer must not say that nothing happened. */
static void
recount(struct core *core, int64_t show_id)
{
	struct outcome outcome;
	struct failure aside;
	struct core unrecorded = core_aside(core, &aside);

	if (call_listing_show_recount(&unrecorded, show_id, &outcome) != ERR_OK)
		return;
}

/* `*is_changed_r`: somebody else has changed the show meanwhile. */
static enum err
try_change(struct core *core, struct plan *plan, const struct uuid *actor, bool *is_changed_r)
{
	const struct jval *others = NULL;
	struct outcome outcome;
	enum err err = make_plan(core, plan);

	uuid_new(&plan->revision);
	if (err == ERR_OK && /* guard: new time */ plan->moves)
		err = take_slot(core, plan, &others);
	if (err == ERR_OK)
		err = update(core, plan, actor, &outcome);
	if (err != ERR_OK)
		return err;
	/* Keep the slot. If the answer to this very call was lost, it may be the slot of the
	 * show. */
	*is_changed_r = outcome_is(&outcome, "changed");
	/* guard: as seen */
	if (*is_changed_r)
		return ERR_OK;
	err = outcome_check(core, &outcome);
	if (plan->moves && err != ERR_OK)
		/* guard: refusal */
		drop_slots(core, plan->show_id, &plan->revision, 1);
	else if (plan->moves)
		/* guard: old time */
		drop_others(core, plan->show_id, others);
	return err;
}

enum err
show_change(struct core *core, int64_t show_id, const struct uuid *actor,
	    const struct show_entry *change, struct buf *body)
{
	struct plan plan = {.change = change, .show_id = show_id};
	bool is_changed = true;
	enum err err = ERR_OK;

	for (int tries = 0; err == ERR_OK && is_changed && tries < TRIES_MAX; tries++)
		err = try_change(core, &plan, actor, &is_changed);
	if (err == ERR_OK && is_changed)
		err = fail(core->failure, CODE_UNAVAILABLE,
			   "others are changing this show: look at it and ask again");
	if (err == ERR_OK)
		recount(core, show_id);
	return err != ERR_OK ? err : catalog_show_now(core, show_id, body);
}
