/*
 * boxoffice-relay: follows the event log and keeps the read models: seats left by show and event, and
 * the lists of own orders. One leader (a lock on its session), the others wait.
 *
 * A cycle reads all that is new, writes the orders down at once, recounts each show that was touched,
 * once, then their events, and only then moves the cursor: whoever is killed in between begins again
 * at the old place, and recounting is counting, so nothing is lost or counted twice. Cycles begin at
 * least recount_ms apart, so that is how often a show is recounted at most. Where the clock changes a
 * summary (a show opens, closes, starts) no event says so: that is asked once a second.
 *
 * The log is read in windows of transactions [to_xmin, xmin): everything in them has ended, nothing
 * can still appear there. Inside a window events have the order of their ids.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/text.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "prog/batch.h"

#define CONSUMER "summaries"
#define CYCLE_TIMEOUT_MS 60000 /* tens of thousands of shows touched at once */
#define CLOCK_EVERY_MS 1000
#define AWAY_PAUSE_MS 500 /* while the database is away */
#define BITES_MAX \
	50 /* of a cycle: the cursor must move even when the log grows faster than it is read */
#define EVENTS_DUE 500
#define POSITION_EVERY_MS \
	10000 /* written down although nothing was read: it says how far behind we are */

/* All transactions below `from` were handled, and of those below `to` the events up to `id`. */
struct position {
	int64_t from;
	int64_t to;
	int64_t id;
};

/* Numbers collected in a cycle, with repetitions until sorted. */
struct numbers {
	int64_t *items;
	size_t count;
	size_t capacity;
};

struct relay {
	struct batch_run run;
	struct position position;
	bool is_leader;
	int64_t clock_ms;    /* when events were last recounted by the clock */
	int64_t position_ms; /* when the position was last written down */
};

/* --- numbers --- */

static void
numbers_add(struct arena *arena, struct numbers *numbers, int64_t number)
{
	if (numbers->count > 0 && numbers->items[numbers->count - 1] == number)
		return;
	if (numbers->count == numbers->capacity) {
		size_t capacity = size_add(64, size_mul(2, numbers->capacity));
		int64_t *items = arena_calloc(arena, capacity, sizeof(*items));

		if (numbers->count > 0)
			memcpy(items, numbers->items, numbers->count * sizeof(*items));
		numbers->items = items;
		numbers->capacity = capacity;
	}
	numbers->items[numbers->count++] = number;
}

static int
compare_numbers(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts them and drops repetitions. */
static void
numbers_sort(struct numbers *numbers)
{
	size_t kept = 0;

	if (numbers->count == 0)
		return;
	qsort(numbers->items, numbers->count, sizeof(*numbers->items), compare_numbers);
	for (size_t i = 1; i < numbers->count; i++) {
		if (numbers->items[i] != numbers->items[kept])
			numbers->items[++kept] = numbers->items[i];
	}
	numbers->count = kept + 1;
}

/* --- the cursor --- */

static enum err
read_position(struct relay *relay)
{
	struct core *core = &relay->run.core;
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, CONSUMER);
	err = db_read(core->db, "cursor", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	relay->position = (struct position){0, 0, 0};
	if (db_rows_count(rows) > 0)
		relay->position = (struct position){.from = db_i64(rows, 0, "from_xmin"),
						    .to = db_i64(rows, 0, "to_xmin"),
						    .id = db_i64(rows, 0, "id")};
	return ERR_OK;
}

static enum err
write_position(struct relay *relay)
{
	const struct position *position = &relay->position;
	struct core *core = &relay->run.core;
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, CONSUMER);
	db_put_i64(&params, position->from);
	db_put_i64(&params, position->to);
	db_put_i64(&params, position->id);
	relay->position_ms = clock_mono_ms();
	err = outcome_call(core, "log.cursor_set", &params, &outcome);
	return err == ERR_OK ? outcome_check(core, &outcome) : err;
}

/* The window behind this one. `*is_empty_r`: nothing has ended since. */
static enum err
next_window(struct relay *relay, struct position *position, bool *is_empty_r)
{
	struct core *core = &relay->run.core;
	const struct db_rows *rows;
	struct db_params none;
	int64_t xmin;
	enum err err;

	db_params_init(&none, core->arena);
	err = db_read(core->db, "log_xmin", &none, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	xmin = db_i64(rows, 0, "xmin");
	*is_empty_r = xmin <= position->to;
	*position =
		(struct position){.from = position->to, .to = *is_empty_r ? position->to : xmin};
	return ERR_OK;
}

/* --- reading --- */

/* Documents of orders in a bite go into their owners' lists in one call. */
static enum err
list_orders(struct core *core, const struct db_rows *rows)
{
	const size_t count = db_rows_count(rows);
	struct uuid *users = arena_calloc(core->arena, count + 1, sizeof(*users));
	const char **orders = arena_calloc(core->arena, count + 1, sizeof(*orders));
	struct db_params params;
	struct outcome outcome;
	size_t orders_count = 0;
	enum err err;

	for (size_t i = 0; i < count; i++) {
		if (db_is_null(rows, i, "order_doc") ||
		    !db_uuid(rows, i, "user_id", &users[orders_count]))
			continue;
		orders[orders_count++] = db_text(rows, i, "order_doc");
	}
	if (orders_count == 0)
		return ERR_OK;
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, orders_count);
	db_put_texts(&params, orders, orders_count);
	err = outcome_call(core, "account.orders_listed", &params, &outcome);
	return err == ERR_OK ? outcome_check(core, &outcome) : err;
}

/* One bite from `position` on, which moves behind it. `*is_all_r`: the window is exhausted. */
static enum err
read_bite(struct relay *relay, struct position *position, struct numbers *shows, bool *is_all_r)
{
	struct core *core = &relay->run.core;
	const int64_t limit = core->config->relay_window_rows;
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, position->from);
	db_put_i64(&params, position->to);
	db_put_i64(&params, position->id);
	db_put_i64(&params, limit);
	err = db_read(core->db, "events_summarised", &params, core->arena, core->failure, &rows);
	if (err == ERR_OK)
		err = list_orders(core, rows);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		if (!db_is_null(rows, i, "show_id"))
			numbers_add(core->arena, shows, db_i64(rows, i, "show_id"));
		position->id = db_i64(rows, i, "id");
	}
	*is_all_r = (int64_t)db_rows_count(rows) < limit;
	return ERR_OK;
}

/* All that is new, within reason; `*position_r` is behind it, `*has_read_r`: there was something. */
static enum err
read_news(struct relay *relay, struct numbers *shows, struct position *position_r, bool *has_read_r)
{
	struct position position = relay->position;
	bool is_all, is_empty = false;
	int64_t before;
	enum err err;

	for (int bites = 0; bites < BITES_MAX && !is_empty && !batch_is_stopping(); bites++) {
		before = position.id;
		err = read_bite(relay, &position, shows, &is_all);
		*has_read_r |= position.id != before;
		if (err == ERR_OK && is_all)
			err = next_window(relay, &position, &is_empty);
		if (err != ERR_OK)
			return err;
	}
	*position_r = position;
	return ERR_OK;
}

/* --- counting --- */

static enum err
recount_shows(struct relay *relay, const struct numbers *shows, struct numbers *events)
{
	struct core *core = &relay->run.core;
	struct db_params params;
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < shows->count; i++) {
		db_params_init(&params, core->arena);
		db_put_i64(&params, shows->items[i]);
		err = outcome_call(core, "listing.show_recount", &params, &outcome);
		if (err != ERR_OK)
			return err;
		/* A draft is in no list. */
		if (outcome_is(&outcome, "ok"))
			numbers_add(core->arena, events, jin_get_i64(outcome.result, "event_id"));
	}
	return ERR_OK;
}

static enum err
recount_events(struct relay *relay, const struct numbers *events)
{
	struct core *core = &relay->run.core;
	struct db_params params;
	struct outcome outcome;
	enum err err = ERR_OK;

	for (size_t i = 0; i < events->count && err == ERR_OK; i++) {
		db_params_init(&params, core->arena);
		db_put_i64(&params, events->items[i]);
		err = outcome_call(core, "listing.event_recount", &params, &outcome);
		if (err == ERR_OK)
			err = outcome_check(core, &outcome);
	}
	return err;
}

/* Events whose summary the clock has outdated. */
static enum err
add_events_due(struct relay *relay, struct numbers *events)
{
	struct core *core = &relay->run.core;
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	if (clock_mono_ms() < relay->clock_ms + CLOCK_EVERY_MS)
		return ERR_OK;
	db_params_init(&params, core->arena);
	db_put_i64(&params, EVENTS_DUE);
	err = db_read(core->db, "events_due", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < db_rows_count(rows); i++)
		numbers_add(core->arena, events, db_i64(rows, i, "event_id"));
	relay->clock_ms = clock_mono_ms();
	return ERR_OK;
}

/* --- cycles --- */

static void
log_cycle(const struct relay *relay, const struct numbers *shows, const struct numbers *events,
	  int64_t since_ms)
{
	log_members(relay->run.is_verbose ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "recounted",
		    arena_printf(relay->run.core.arena,
				 "\"shows\":%zu,\"events\":%zu,\"ms\":%" PRId64, shows->count,
				 events->count, clock_mono_ms() - since_ms));
}

/* `*is_busy_r`: something was recounted. */
static enum err
run_cycle(struct relay *relay, bool *is_busy_r)
{
	struct numbers shows = {NULL, 0, 0}, events = {NULL, 0, 0};
	const int64_t since_ms = clock_mono_ms();
	struct position position;
	bool has_read = false;
	enum err err;

	err = read_news(relay, &shows, &position, &has_read);
	if (err != ERR_OK || batch_is_stopping())
		return err;
	numbers_sort(&shows);
	err = recount_shows(relay, &shows, &events);
	if (err == ERR_OK)
		err = add_events_due(relay, &events);
	numbers_sort(&events);
	if (err == ERR_OK)
		err = recount_events(relay, &events);
	if (err != ERR_OK)
		return err;
	*is_busy_r = shows.count > 0 || events.count > 0;
	if (*is_busy_r)
		log_cycle(relay, &shows, &events, since_ms);
	relay->position = position;
	if (has_read || since_ms >= relay->position_ms + POSITION_EVERY_MS)
		err = write_position(relay);
	return err;
}

/* Leads, or waits for the leader to end. */
static enum err
lead(struct relay *relay, bool *is_leader_r)
{
	bool was_leader = relay->is_leader && relay->run.session != 0 &&
			  relay->run.session == db_session(relay->run.core.db);
	enum err err = batch_lock(&relay->run, is_leader_r);

	if (err != ERR_OK)
		return err;
	if (*is_leader_r && !was_leader) {
		err = read_position(relay);
		if (err == ERR_OK)
			log_info("leads");
	} else if (!*is_leader_r && relay->is_leader) {
		log_info("leads no more");
	}
	relay->is_leader = *is_leader_r && err == ERR_OK;
	return err;
}

static void
relay_run(struct relay *relay)
{
	const struct config *config = relay->run.core.config;
	bool is_away = false;

	while (!batch_is_stopping()) {
		const int64_t since_ms = clock_mono_ms();
		bool is_leader = false, is_busy = false;
		enum err err;

		batch_begin(&relay->run, CYCLE_TIMEOUT_MS);
		err = lead(relay, &is_leader);
		if (err == ERR_OK && is_leader)
			err = run_cycle(relay, &is_busy);
		if (err != ERR_OK && !is_away && !batch_is_stopping())
			batch_log_failure(&relay->run, "a cycle failed");
		is_away = err != ERR_OK;
		if (is_away) {
			/* Begin again at what is written down. */
			relay->is_leader = false;
			batch_pause(AWAY_PAUSE_MS);
		} else if (is_busy) {
			batch_pause(since_ms + config->relay_recount_ms - clock_mono_ms());
		} else {
			batch_pause(config->relay_poll_ms);
		}
	}
}

int
main(int argc, char **argv)
{
	static const struct batch batch = {
		.name = "boxoffice-relay",
		.summary = "Follows the event log and keeps what lists show.",
	};
	struct relay relay = {.is_leader = false};

	batch_start(argc, argv, &batch, &relay.run);
	log_info("started");
	relay_run(&relay);
	log_info("stopped");
	batch_fini(&relay.run);
	return EXIT_SUCCESS;
}
