/* Show: what its own home says of it. What the public sees of it is the catalog. */
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

#define SHOW_SEATS_PER_TRANSACTION 500 /* at most: each has a lock */

/* An empty list may mean that there is no such show: not_found. `listed`: the rows of the list. */
MUST_USE enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed);

/* What an operator asks of a show: its state, and the refunds it still owes. *is_found_r false: there is no
 * such show. */
MUST_USE enum err
show_status(struct core *core, int64_t show_id, const char **state_r, int64_t *refunds_left_r,
	    bool *is_found_r);

/* Cancels a show, or says again that it is. `reason` may be NULL. `body`: {state, refunds_left}.
 * Refusals: not_found, show_closed. */
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

/* Violations of the rules for times, of a show that is new or changes. `is_start_new`: only then must
 * it lie ahead. */
MUST_USE enum err
show_check_times(struct core *core, const struct show_times *times, bool is_start_new);

/* A price for each of `grades` ([{code, …}]), and a grade for each price? */
MUST_USE enum err
show_check_prices(struct core *core, const struct jval *grades, const struct jin_map *prices);

#define SHOW_MAX_SEATS_DEFAULT 4 /* per user */
#define SHOW_HOLD_SECONDS_DEFAULT 300

/* What is entered of a show; of one that changes, what was given: numbers that were not are 0, texts NULL,
 * the map empty, but: */
struct show_entry {
	int64_t event_id; /* a change may only repeat this and the next two, and the currency */
	int64_t hall_id;
	int64_t layout_id; /* 0: the hall's newest */
	int64_t starts_at; /* times in Unix s */
	bool has_starts_at;
	int64_t sales_open_at;
	bool has_sales_open_at;
	int64_t sales_close_at;
	bool has_sales_close_at; /* else it is the start; of a change as it is, or along with the start */
	const char *currency;
	struct jin_map prices; /* by grade, exactly those of the layout */
	int64_t max_seats_per_user;
	int64_t hold_seconds;
	struct rerelease rerelease;
};

#endif
