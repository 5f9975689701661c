#include "config.h"

#include "core/show/show.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jin.h"

#define LOCK_TRIES_MAX 10
#define LOCK_PAUSE_MS 100 /* at least, and at most twice as long: sales go on meanwhile */
#define TIME_MAX INT64_C(253402300799) /* the last second that RFC 3339 can name */

enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed)
{
	const struct db_rows *rows;
	enum err err;

	if (db_rows_count(listed) > 0)
		return ERR_OK;
	err = read_show_show_exists(core, core->read_db, show_id, &rows);
	return read_found(core, err, &rows);
}

enum err
show_pause(struct core *core, int *tries)
{
	uint32_t random;

	if (++*tries >= LOCK_TRIES_MAX)
		return fail(core->failure, CODE_UNAVAILABLE,
			    "buyers of this show are in the way: ask again in a moment");
	text_random(&random, sizeof(random));
	clock_pause_ms(LOCK_PAUSE_MS + random % LOCK_PAUSE_MS);
	return ERR_OK;
}

enum err
show_cancel(struct core *core, int64_t show_id, const struct uuid *actor, const char *reason,
	    struct buf *body)
{
	static const char *const members[] = {"state", "refunds_left", NULL};
	struct outcome outcome;
	int tries = 0;
	enum err err = call_show_show_cancel(core, show_id, actor, reason, &outcome);

	while (err == ERR_OK && /* guard: busy */ outcome_is(&outcome, "busy")) {
		err = show_pause(core, &tries);
		if (err == ERR_OK)
			err = call_show_show_cancel(core, show_id, actor, reason, &outcome);
	}
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	outcome_render(&outcome, members, body);
	return ERR_OK;
}

enum err
show_status(struct core *core, int64_t show_id, const char **state_r, int64_t *refunds_left_r,
	    bool *is_found_r)
{
	const struct db_rows *rows;
	enum err err = read_show_show_status(core, core->db, show_id, &rows);

	if (err != ERR_OK)
		return err;
	*is_found_r = db_rows_count(rows) > 0;
	if (*is_found_r) {
		*state_r = db_text(rows, 0, "state");
		*refunds_left_r = db_i64(rows, 0, "refunds_left");
	}
	return ERR_OK;
}

/* --- what staff enter and change --- */

enum err
show_check_times(struct core *core, const struct show_times *times, bool is_start_new)
{
	const int64_t now_us = hostmem_db_now_us(NULL);
	enum err err = ERR_OK;

	if (now_us == 0)
		return fail_log(core->failure, CODE_UNAVAILABLE,
				"the database's time is not known");
	if (is_start_new && times->starts_at <= now_us / 1000000)
		err = fail_field(core->failure, "starts_at", "must not be in the past");
	if (times->ends_at > TIME_MAX)
		err = fail_field(core->failure, "starts_at", "is too far away");
	if (times->sales_open_at >= times->sales_close_at)
		err = fail_field(core->failure, "sales_open_at", "must be before sales close");
	if (times->sales_close_at > times->ends_at)
		err = fail_field(core->failure, "sales_close_at", "must not be after the end");
	return err;
}

enum err
show_check_prices(struct core *core, const struct jval *grades, const struct jin_map *prices)
{
	const size_t count = jin_array_length(grades);
	const char *code;
	enum err err = ERR_OK;
	size_t i;

	for (i = 0; i < count; i++) {
		code = jin_get_text(jin_array_at(grades, i), "code");
		if (jin_map_find(prices, code) == prices->count)
			err = fail_field(core->failure,
					 arena_printf(core->arena, "prices.%s", code),
					 "is required: the layout has this grade");
	}
	for (size_t j = 0; j < prices->count; j++) {
		code = prices->names[j];
		i = 0;
		while (i < count &&
		       strcmp(code, jin_get_text(jin_array_at(grades, i), "code")) != 0)
			i++;
		if (i == count)
			err = fail_field(core->failure,
					 arena_printf(core->arena, "prices.%s", code),
					 "is no grade of the layout");
	}
	return err;
}
