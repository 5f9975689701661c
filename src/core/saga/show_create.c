#include "config.h"

#include "core/saga/show_create.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "call/directory.h"
#include "call/show.h"
#include "core/core.h"
#include "core/listing/catalog.h"
#include "core/outcome.h"
#include "core/read.h"
#include "core/saga/show_draft.h"
#include "core/saga/tidy.h"
#include "core/show/rerelease.h"
#include "core/show/show.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "json/jout.h"

/* Facts of the directory that the show's home copies. */
struct plan {
	const struct show_entry *show;
	int64_t ends_at;
	int64_t sales_close_at;
	const char *hall; /* JSON */
	int64_t layout_id;
	int64_t capacity;
	const struct jval *grades; /* [{code, capacity}] */
};

/* --- the parts of a show --- */

/* Call this after a read of one row. No row makes the field a violation. */
static enum err
found_for(struct core *core, enum err err, const struct db_rows *const *rows, const char *field,
	  const char *message)
{
	if (err != ERR_OK || db_rows_count(*rows) > 0)
		return err;
	return fail_field(core->failure, field, "%s", message);
}

static enum err
read_layout(struct core *core, struct plan *plan)
{
	const struct show_entry *show = plan->show;
	const bool is_named = show->layout_id > 0;
	const struct db_rows *rows;
	enum err err = read_directory_layout_for_show(core, core->db, show->hall_id,
						      is_named ? &show->layout_id : NULL, &rows);

	err = found_for(core, err, &rows, is_named ? "layout_id" : "hall_id",
			is_named ? "is no layout of the hall" : "has no layout yet");
	if (err != ERR_OK)
		return err;
	/* guard: seats told apart */
	if (db_bool(rows, 0, "is_ambiguous"))
		return fail_field(core->failure, is_named ? "layout_id" : "hall_id",
				  "%s two seats of the same section, row and label: enter it anew",
				  is_named ? "has" : "has as its newest a layout with");
	plan->layout_id = db_i64(rows, 0, "layout_id");
	plan->capacity = db_i64(rows, 0, "capacity");
	return read_json(core, rows, 0, "grades", &plan->grades);
}

static enum err
read_directory(struct core *core, struct plan *plan)
{
	const struct show_entry *show = plan->show;
	const struct db_rows *event = NULL, *hall = NULL;
	enum err err, hall_err;

	err = read_directory_event_for_show(core, core->db, show->event_id, &event);
	err = found_for(core, err, &event, "event_id", "is no event");
	if (err != ERR_OK && err != ERR_INVALID)
		return err;
	hall_err = read_directory_hall_for_show(core, core->db, show->hall_id, &hall);
	hall_err = found_for(core, hall_err, &hall, "hall_id", "is no hall");
	if (hall_err == ERR_OK)
		hall_err = read_layout(core, plan);
	if (err != ERR_OK || hall_err != ERR_OK)
		return err != ERR_OK ? err : hall_err;
	plan->ends_at = show->starts_at + 60 * db_i64(event, 0, "running_minutes");
	plan->hall = db_text(hall, 0, "hall");
	return ERR_OK;
}

/* Reports violations of the times and of the schedule of re-release together. */
static enum err
check_times(struct core *core, struct plan *plan)
{
	const struct show_times times = {.starts_at = plan->show->starts_at,
					 .ends_at = plan->ends_at,
					 .sales_open_at = plan->show->sales_open_at,
					 .sales_close_at = plan->sales_close_at};

	enum err err = show_check_times(core, &times, true);

	if (err != ERR_OK && err != ERR_INVALID)
		return err;
	if (rerelease_check(core, &plan->show->rerelease, plan->sales_close_at) != ERR_OK)
		err = ERR_INVALID;
	return err;
}

/* --- the steps --- */

static const char *
spec_of(struct core *core, const struct plan *plan, int64_t show_id)
{
	const struct show_entry *show = plan->show;
	struct buf buf;
	struct jout out;

	buf_init(&buf, core->arena);
	jout_init(&out, &buf);
	jout_object(&out);
	jout_key_i64(&out, "id", show_id);
	jout_key_i64(&out, "event_id", show->event_id);
	jout_key_raw(&out, "hall", plan->hall);
	jout_key_i64(&out, "layout_id", plan->layout_id);
	jout_key_i64(&out, "starts_at", show->starts_at);
	jout_key_i64(&out, "ends_at", plan->ends_at);
	jout_key_i64(&out, "sales_open_at", show->sales_open_at);
	jout_key_i64(&out, "sales_close_at", plan->sales_close_at);
	jout_key_text(&out, "currency", show->currency);
	jout_key_i64(&out, "capacity", plan->capacity);
	jout_key_i64(&out, "max_seats_per_user", show->max_seats_per_user);
	jout_key_i64(&out, "hold_seconds", show->hold_seconds);
	rerelease_put(&out, &show->rerelease);
	jout_key(&out, "grades");
	jout_array(&out);
	for (size_t i = 0; i < jin_array_length(plan->grades); i++) {
		const struct jval *grade = jin_array_at(plan->grades, i);
		const char *code = jin_get_text(grade, "code");

		jout_object(&out);
		jout_key_text(&out, "code", code);
		jout_key_text(&out, "name", code);
		jout_key_i64(&out, "price",
			     show->prices.numbers[jin_map_find(&show->prices, code)]);
		jout_key_i64(&out, "capacity", jin_get_i64(grade, "capacity"));
		jout_end(&out);
	}
	jout_end(&out);
	jout_end(&out);
	return buf_text(&buf);
}

static enum err
make_draft(struct core *core, const struct uuid *actor, const struct plan *plan, int64_t show_id)
{
	struct outcome outcome;
	enum err err = call_show_show_create(core, actor, spec_of(core, plan, show_id), &outcome);

	return outcome_accept(core, err, &outcome);
}

static enum err
take_slot(struct core *core, const struct plan *plan, int64_t show_id)
{
	struct outcome outcome;
	enum err err = call_directory_slot_take(core, plan->show->hall_id, show_id,
						plan->show->starts_at, plan->ends_at, &outcome);

	return outcome_accept(core, err, &outcome);
}

/* Reads and checks everything that a show is made of, and reports all violations together. */
static enum err
check(struct core *core, struct plan *plan)
{
	enum err err, price_err;

	err = read_directory(core, plan);
	if (err == ERR_OK)
		err = check_times(core, plan);
	if ((err != ERR_OK && err != ERR_INVALID) || plan->grades == NULL)
		return err;
	price_err = show_check_prices(core, plan->grades, &plan->show->prices);
	return err != ERR_OK ? err : price_err;
}

/* The hall decides. A small show has its seats by then; a large one gets them from the batch.
 * *has_hall_r: the slot is taken, or may be, and then the show will be published by somebody. */
static enum err
enter(struct core *core, const struct uuid *actor, const struct plan *plan, int64_t show_id,
      bool *has_hall_r)
{
	const bool is_large = plan->capacity > SHOW_SEATS_AT_ONCE;
	enum err err = make_draft(core, actor, plan, show_id);

	*has_hall_r = false;
	if (err != ERR_OK)
		return err;
	if (!is_large)
		err = show_draft_fill(core, show_id, plan->layout_id, plan->capacity);
	if (err == ERR_OK) {
		err = take_slot(core, plan, show_id);
		*has_hall_r = err == ERR_OK || err == ERR_UNKNOWN;
	}
	if (!*has_hall_r && err != ERR_UNKNOWN)
		show_draft_drop(core, show_id);
	return err == ERR_OK && !is_large ? show_draft_publish(core, show_id) : err;
}

/* If this fails, the key of the request is free only after a while. */
static void
end_request(struct core *core, const struct core_key *key, bool is_entered)
{
	struct outcome outcome;
	struct failure aside;
	struct core unrecorded = core_aside(core, &aside);

	if (call_directory_show_request_end(&unrecorded, &key->request_id, is_entered, &outcome) !=
	    ERR_OK)
		return;
}

/* A large show is answered alike before and after the batch has finished it. */
static enum err
answer(struct core *core, int64_t show_id, int *status_r, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_show_show_capacity(core, core->db, show_id, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0 || db_i64(rows, 0, "capacity") <= SHOW_SEATS_AT_ONCE)
		return catalog_show_now(core, show_id, body);
	*status_r = 202;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", show_id);
	jout_key_text(&out, "state", "preparing");
	jout_end(&out);
	return ERR_OK;
}

enum err
show_create(struct core *core, const struct core_key *key, const struct show_entry *show,
	    bool *is_replay_r, int *status_r, struct buf *body)
{
	struct plan plan = {
		.show = show,
		.sales_close_at = show->sales_close_at == SHOW_CLOSES_AT_START
					  ? show->starts_at
					  : show->sales_close_at,
	};
	bool is_new, has_hall = false;
	struct outcome outcome;
	int64_t show_id;
	enum err err = call_directory_show_request(core, key, tidy_request_age_s(core), &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	show_id = jin_get_i64(outcome_result(&outcome), "id");
	is_new = outcome_is(&outcome, "created");
	*is_replay_r = outcome_is_replay(&outcome, key);
	if (is_new) {
		err = check(core, &plan);
		if (err == ERR_OK)
			err = enter(core, &key->user_id, &plan, show_id, &has_hall);
		if (err == ERR_OK || !has_hall)
			end_request(core, key, err == ERR_OK);
	}
	return err != ERR_OK ? err : answer(core, show_id, status_r, body);
}
