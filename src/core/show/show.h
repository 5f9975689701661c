/* Show: its existence, its cancelling, and the rules for its times and prices. What the public sees
 * of it is core/listing/catalog.h. */
#ifndef CORE_SHOW_SHOW_H
#define CORE_SHOW_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"
#include "core/show/rerelease.h"
#include "json/jin.h"

struct buf;
struct core;
struct db_rows;

#define SHOW_SEATS_AT_ONCE 20000       /* a larger show is not made within its request */
#define SHOW_SEATS_PER_TRANSACTION 500 /* at most, because each seat takes a lock */

/* An empty list may mean that the show does not exist: not_found. `listed`: the rows of the
 * list. */
MUST_USE enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed);

/* For operators: the state of a show and the number of refunds that it still owes. *is_found_r is
 * false when the show does not exist. */
MUST_USE enum err
show_status(struct core *core, int64_t show_id, const char **state_r, int64_t *refunds_left_r,
	    bool *is_found_r);

/* Cancelling or changing a show waits until nothing is in flight for it, and not for long: a stored
 * function answered "busy". Counts it in `*tries` (begins with 0) and pauses for a random while, or
 * refuses when it was often enough. */
MUST_USE enum err
show_pause(struct core *core, int *tries);

/* Cancels a show, or confirms that it is cancelled. `reason` may be NULL. `body`: {state,
 * refunds_left}. Refusals: not_found, show_closed. */
MUST_USE enum err
show_cancel(struct core *core, int64_t show_id, const struct uuid *actor, const char *reason,
	    struct buf *body);

/* --- what staff enter and change --- */

struct show_times { /* Unix s */
	int64_t starts_at;
	int64_t ends_at;
	int64_t sales_open_at;
	int64_t sales_close_at;
};

/* Checks the times of a new or changed show and records violations. With `is_start_new` the start
 * must lie in the future. */
MUST_USE enum err
show_check_times(struct core *core, const struct show_times *times, bool is_start_new);

/* Checks that each of `grades` ([{code, …}]) has a price and each price a grade. */
MUST_USE enum err
show_check_prices(struct core *core, const struct jval *grades, const struct jin_map *prices);

#define SHOW_MAX_SEATS_PER_USER_DEFAULT 4 /* per user */
#define SHOW_HOLD_SECONDS_DEFAULT 300
#define SHOW_CLOSES_AT_START INT64_MIN

/* The members that an admin enters. A change carries the members that were given: numbers that were
 * not given are 0, texts are NULL, the map is empty. A has_ member tells where 0 is a value. */
struct show_entry {
	int64_t event_id; /* a change may only repeat this, the next two and the currency */
	int64_t hall_id;
	int64_t layout_id; /* 0: the newest of the hall */
	int64_t starts_at; /* times in Unix s */
	bool has_starts_at;
	int64_t sales_open_at;
	bool has_sales_open_at;
	int64_t sales_close_at;  /* may be SHOW_CLOSES_AT_START */
	bool has_sales_close_at; /* false in a change: as it is, or moved with the start */
	const char *currency;
	struct jin_map prices; /* by grade; exactly the grades of the layout */
	int64_t max_seats_per_user;
	bool has_max_seats_per_user;
	int64_t hold_seconds;
	bool has_hold_seconds;
	struct rerelease rerelease;
	bool has_rerelease; /* a change: without every_s it takes the schedule off */
};

#endif
