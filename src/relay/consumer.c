#include "config.h"

#include "relay/consumer.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/uuid.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

#define EVENTS_DUE 500
#define SHOWS_AT_ONCE 20

/* Of a function of which only its success counts. */
static enum err
call(struct core *core, const char *function, const struct db_params *params)
{
	struct outcome outcome;

	return outcome_do(core, function, params, &outcome);
}

/* The entity of an event of a show. */
static enum err
read_show(struct core *core, const struct event *event, int64_t *show_id_r)
{
	if (text_parse_i64(event->entity, strlen(event->entity), show_id_r))
		return ERR_OK;
	return fail_log(core->failure, CODE_INTERNAL, "event %lld is of no show",
			(long long)event->id);
}

/* --- summaries: seats left by show and event, recounted --- */

struct numbers {
	int64_t *items;
	size_t count;
};

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

/* Some at a time: a call each costs more in waiting for each other than in counting. */
static enum err
recount_shows(struct core *core, const struct numbers *shows, struct numbers *events)
{
	const struct jval *ids;
	struct db_params params;
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < shows->count; i += SHOWS_AT_ONCE) {
		const size_t left = shows->count - i;

		db_params_init(&params, core->arena);
		db_put_i64s(&params, shows->items + i, left < SHOWS_AT_ONCE ? left : SHOWS_AT_ONCE);
		err = outcome_do(core, "listing.shows_recount", &params, &outcome);
		if (err != ERR_OK)
			return err;
		ids = jin_get(outcome_result(&outcome), "event_ids");
		for (size_t j = 0; j < jin_array_length(ids); j++)
			events->items[events->count++] = jin_i64(jin_array_at(ids, j));
	}
	return ERR_OK;
}

/* One that cannot be counted does not keep the others; the last such failure is returned. */
static enum err
recount_events(struct core *core, const struct numbers *events)
{
	struct db_params params;
	enum err err, last = ERR_OK;

	for (size_t i = 0; i < events->count; i++) {
		db_params_init(&params, core->arena);
		db_put_i64(&params, events->items[i]);
		err = call(core, "listing.event_recount", &params);
		if (err != ERR_OK)
			last = err;
		if (err != ERR_OK && !db_is_connected(core->db))
			break;
	}
	return last;
}

static enum err
recount(struct core *core, const struct event *events, size_t count)
{
	struct numbers shows = {arena_calloc(core->arena, count, sizeof(int64_t)), count};
	struct numbers sums = {NULL, 0};
	enum err err;

	for (size_t i = 0; i < count; i++) {
		err = read_show(core, &events[i], &shows.items[i]);
		if (err != ERR_OK)
			return err;
	}
	numbers_sort(&shows);
	sums.items = arena_calloc(core->arena, shows.count, sizeof(int64_t));
	err = recount_shows(core, &shows, &sums);
	if (err != ERR_OK)
		return err;
	numbers_sort(&sums);
	return recount_events(core, &sums);
}

/* A show that opens, closes or starts changes its event's sum, and no event says so. */
static enum err
recount_due(struct core *core)
{
	struct numbers sums = {NULL, 0};
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, EVENTS_DUE);
	err = db_read(core->db, "events_due", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	sums.count = db_rows_count(rows);
	sums.items = arena_calloc(core->arena, sums.count + 1, sizeof(int64_t));
	for (size_t i = 0; i < sums.count; i++)
		sums.items[i] = db_i64(rows, i, "event_id");
	return recount_events(core, &sums);
}

/* --- own orders: documents go into their owners' lists --- */

static enum err
list_orders(struct core *core, const struct event *events, size_t count)
{
	struct uuid *users = arena_calloc(core->arena, count, sizeof(*users));
	const char **orders = arena_calloc(core->arena, count, sizeof(*orders));
	struct db_params params;

	for (size_t i = 0; i < count; i++) {
		if (!uuid_parse(events[i].entity, strlen(events[i].entity), &users[i]))
			return fail_log(core->failure, CODE_INTERNAL,
					"event %lld has an order of nobody",
					(long long)events[i].id);
		orders[i] = events[i].payload;
	}
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, count);
	db_put_texts(&params, orders, count);
	return call(core, "account.orders_listed", &params);
}

/* --- slots: a cancelled show gives its hall back --- */

static enum err
free_slots(struct core *core, const struct event *events, size_t count)
{
	struct db_params params;
	int64_t show_id;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = read_show(core, &events[i], &show_id);
		if (err != ERR_OK)
			return err;
		db_params_init(&params, core->arena);
		db_put_i64(&params, show_id);
		err = call(core, "directory.slot_free", &params);
	}
	return err;
}

/* --- the table --- */

const struct consumer consumers[] = {
	{.name = "summaries",
	 .takes = {.home = "show",
		   .kinds = {"show.published", "show.updated", "show.cancelled"},
		   .member = "seats",
		   .part = ""},
	 .is_state = true,
	 .handle = recount,
	 .tick = recount_due},
	{.name = "own-orders",
	 .takes = {.home = "show",
		   .member = "order",
		   .entity = {"order", "user_id"},
		   .part = "order"},
	 .handle = list_orders},
	{.name = "slots",
	 .takes = {.home = "show", .kinds = {"show.cancelled"}, .part = ""},
	 .handle = free_slots},
};

const size_t consumer_count = sizeof(consumers) / sizeof(*consumers);

const struct consumer *
consumer_find(const char *name)
{
	for (size_t i = 0; i < consumer_count; i++) {
		if (strcmp(consumers[i].name, name) == 0)
			return &consumers[i];
	}
	return NULL;
}
