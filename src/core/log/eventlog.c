#include "config.h"

#include "core/log/eventlog.h"

#include "base/arena.h"
#include "call/log.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

#define DAYS_AHEAD 14 /* the job that makes them may be away this long */

enum err
eventlog_xmin(struct core *core, int64_t *xmin_r)
{
	const struct db_rows *rows;
	enum err err = read_log_log_xmin(core, core->db, &rows);

	if (err == ERR_OK)
		*xmin_r = db_i64(rows, 0, "xmin");
	return err;
}

enum err
eventlog_window_end(struct core *core, int64_t from, int64_t xmin, int64_t most, int64_t *to_r)
{
	const struct db_rows *rows;
	enum err err;

	*to_r = xmin;
	if (xmin - from <= most)
		return ERR_OK;
	err = read_log_log_window_end(core, core->db, from, from + most, &rows);
	if (err == ERR_OK && db_rows_count(rows) > 0 && db_i64(rows, 0, "xmin") < xmin)
		*to_r = db_i64(rows, 0, "xmin");
	return err;
}

enum err
eventlog_cursor(struct core *core, const char *consumer, struct eventlog_position *position_r,
		bool *is_found_r)
{
	const struct db_rows *rows;
	enum err err = read_log_cursor(core, core->db, consumer, &rows);

	if (err != ERR_OK)
		return err;
	*is_found_r = db_rows_count(rows) > 0;
	if (*is_found_r)
		*position_r = (struct eventlog_position){.from = db_i64(rows, 0, "from_xmin"),
							 .to = db_i64(rows, 0, "to_xmin"),
							 .id = db_i64(rows, 0, "id")};
	return ERR_OK;
}

enum err
eventlog_cursor_set(struct core *core, const char *consumer,
		    const struct eventlog_position *position)
{
	struct outcome outcome;
	enum err err = call_log_cursor_set(core, consumer, position->from, position->to,
					   position->id, &outcome);

	return outcome_accept(core, err, &outcome);
}

struct event *
eventlog_events(struct core *core, const struct db_rows *rows, bool has_tries)
{
	const size_t count = db_rows_count(rows);
	struct event *events = arena_calloc(core->arena, count + 1, sizeof(*events));

	for (size_t i = 0; i < count; i++)
		events[i] = (struct event){.id = db_i64(rows, i, "id"),
					   .entity = db_text(rows, i, "entity"),
					   .kind = db_text(rows, i, "kind"),
					   .payload = db_text(rows, i, "payload"),
					   .traceparent = db_text(rows, i, "traceparent"),
					   .at = db_text(rows, i, "at"),
					   .age_ms = db_i64(rows, i, "age_ms"),
					   .tries = has_tries ? db_i64(rows, i, "tries") : 0};
	return events;
}

static size_t
count_texts(const char *const *texts, size_t most)
{
	size_t count = 0;

	while (count < most && texts[count])
		count++;
	return count;
}

enum err
eventlog_read(struct core *core, const struct event_filter *filter,
	      const struct eventlog_position *position, int64_t limit, struct event **events_r,
	      size_t *count_r)
{
	const size_t kinds =
		count_texts(filter->kinds, sizeof(filter->kinds) / sizeof(*filter->kinds));
	const size_t depth =
		count_texts(filter->entity, sizeof(filter->entity) / sizeof(*filter->entity));
	const struct db_rows *rows;
	enum err err = read_log_events_taken(
		core, core->db, position->from, position->to, position->id, limit, filter->home,
		filter->kinds, kinds, filter->member, depth > 0 ? filter->entity : NULL, depth,
		filter->part, &rows);

	if (err != ERR_OK)
		return err;
	*events_r = eventlog_events(core, rows, false);
	*count_r = db_rows_count(rows);
	return ERR_OK;
}

enum err
eventlog_lag_ms(struct core *core, int64_t from, int64_t *lag_ms_r)
{
	const struct db_rows *rows;
	enum err err = read_log_log_lag(core, core->db, from, &rows);

	if (err == ERR_OK)
		*lag_ms_r = db_i64(rows, 0, "lag_ms");
	return err;
}

/* --- upkeep --- */

enum err
eventlog_make_days(struct core *core)
{
	struct outcome outcome;
	enum err err = call_log_partitions_make(core, DAYS_AHEAD, &outcome);

	return outcome_accept(core, err, &outcome);
}

enum err
eventlog_reader_ahead(struct core *core, const char **consumer_r)
{
	const struct db_rows *rows;
	enum err err = read_log_cursors_ahead(core, core->db, &rows);

	if (err == ERR_OK)
		*consumer_r = db_rows_count(rows) > 0 ? db_text(rows, 0, "consumer") : NULL;
	return err;
}

enum err
eventlog_rebase(struct core *core, const char *actor, int64_t *readers_r, int64_t *events_r)
{
	struct outcome outcome;
	enum err err = call_log_cursors_rebase(core, actor, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*readers_r = jin_get_i64(outcome_result(&outcome), "consumers");
	*events_r = jin_get_i64(outcome_result(&outcome), "events");
	return ERR_OK;
}
