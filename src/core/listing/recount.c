#include "config.h"

#include "core/listing/recount.h"

#include <stdlib.h>

#include "base/arena.h"
#include "call/listing.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"

#define EVENTS_DUE 500
#define SHOWS_AT_ONCE 20

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

/* Counts several shows per call: with one call each, waiting would cost more than counting.
 * `events` gets the events of the shows. */
static enum err
count_shows(struct core *core, const struct numbers *shows, struct numbers *events)
{
	const struct jval *ids;
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < shows->count; i += SHOWS_AT_ONCE) {
		const size_t left = shows->count - i;

		err = call_listing_shows_recount(core, shows->items + i,
						 left < SHOWS_AT_ONCE ? left : SHOWS_AT_ONCE,
						 &outcome);
		err = outcome_accept(core, err, &outcome);
		if (err != ERR_OK)
			return err;
		ids = jin_get(outcome_result(&outcome), "event_ids");
		for (size_t j = 0; j < jin_array_length(ids); j++)
			events->items[events->count++] = jin_i64(jin_array_at(ids, j));
	}
	return ERR_OK;
}

static enum err
sum_up(struct core *core, const struct numbers *events)
{
	struct outcome outcome;
	enum err err, last = ERR_OK;

	for (size_t i = 0; i < events->count; i++) {
		err = call_listing_event_recount(core, events->items[i], &outcome);
		err = outcome_accept(core, err, &outcome);
		if (err != ERR_OK)
			last = err;
		if (err != ERR_OK && !db_is_connected(core->db))
			break;
	}
	return last;
}

enum err
recount_shows(struct core *core, int64_t *show_ids, size_t count)
{
	struct numbers shows = {show_ids, count};
	struct numbers events = {NULL, 0};
	enum err err;

	numbers_sort(&shows);
	events.items = arena_calloc(core->arena, shows.count, sizeof(int64_t));
	err = count_shows(core, &shows, &events);
	if (err != ERR_OK)
		return err;
	numbers_sort(&events);
	return sum_up(core, &events);
}

enum err
recount_due(struct core *core)
{
	struct numbers events = {NULL, 0};
	const struct db_rows *rows;
	enum err err = read_listing_events_due(core, core->db, EVENTS_DUE, &rows);

	if (err != ERR_OK)
		return err;
	events.count = db_rows_count(rows);
	events.items = read_numbers(core, rows, "event_id");
	return sum_up(core, &events);
}
