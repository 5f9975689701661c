#include "config.h"

#include "core/log/retry.h"

#include "base/arena.h"
#include "base/size.h"
#include "call/log.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/log/eventlog.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

/* The wait after `tries` failures. It doubles each time. */
static int64_t
wait_ms(const struct config *config, int64_t tries)
{
	int64_t wait = config->relay_retry_min_ms;

	while (tries-- > 1 && wait < config->relay_retry_max_ms)
		wait *= 2;
	return wait < config->relay_retry_max_ms ? wait : config->relay_retry_max_ms;
}

enum err
retry_waiting(struct core *core, const char *consumer, const char *endpoint,
	      const char ***entities_r, size_t *count_r)
{
	const struct db_rows *rows;
	const char **entities;
	enum err err = read_log_retries_waiting(core, core->db, consumer, endpoint, &rows);

	if (err != ERR_OK)
		return err;
	*count_r = db_rows_count(rows);
	entities = arena_calloc(core->arena, *count_r + 1, sizeof(*entities));
	for (size_t i = 0; i < *count_r; i++)
		entities[i] = db_text(rows, i, "entity");
	*entities_r = entities;
	return ERR_OK;
}

enum err
retry_add(struct core *core, const struct retry_queue *queue, const struct event *events,
	  size_t count, const char *error)
{
	int64_t *ids = arena_calloc(core->arena, count + 1, sizeof(*ids));
	const char **texts = arena_calloc(core->arena, size_mul(4, count + 1), sizeof(*texts));
	const char **kinds = texts, **payloads = kinds + count, **traces = payloads + count,
		   **ats = traces + count;
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < count; i++) {
		ids[i] = events[i].id;
		kinds[i] = events[i].kind;
		payloads[i] = events[i].payload;
		traces[i] = events[i].traceparent;
		ats[i] = events[i].at;
	}
	err = call_log_retry_add(core, queue->consumer, queue->endpoint, queue->entity, ids, count,
				 kinds, count, payloads, count, traces, count, ats, count, error,
				 error ? wait_ms(core->config, 1) : 0, &outcome);
	return outcome_accept(core, err, &outcome);
}

enum err
retry_due(struct core *core, int64_t limit, struct retry_queue **queues_r, size_t *count_r)
{
	const struct db_rows *rows;
	struct retry_queue *queues;
	enum err err = read_log_retries_due(core, core->db, limit, &rows);

	if (err != ERR_OK)
		return err;
	*count_r = db_rows_count(rows);
	queues = arena_calloc(core->arena, *count_r + 1, sizeof(*queues));
	for (size_t i = 0; i < *count_r; i++)
		queues[i] = (struct retry_queue){.consumer = db_text(rows, i, "consumer"),
						 .endpoint = db_text(rows, i, "endpoint"),
						 .entity = db_text(rows, i, "entity")};
	*queues_r = queues;
	return ERR_OK;
}

enum err
retry_events(struct core *core, const struct retry_queue *queue, int64_t limit,
	     struct event **events_r, size_t *count_r)
{
	const struct db_rows *rows;
	enum err err = read_log_retries_of(core, core->db, queue->consumer, queue->endpoint,
					   queue->entity, limit, &rows);

	if (err != ERR_OK)
		return err;
	*events_r = eventlog_events(core, rows, true);
	*count_r = db_rows_count(rows);
	return ERR_OK;
}

enum err
retry_done(struct core *core, const struct retry_queue *queue, const struct event *events,
	   size_t count)
{
	int64_t *ids = arena_calloc(core->arena, count + 1, sizeof(*ids));
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < count; i++)
		ids[i] = events[i].id;
	err = call_log_retry_done(core, queue->consumer, queue->endpoint, queue->entity, ids, count,
				  &outcome);
	return outcome_accept(core, err, &outcome);
}

enum err
retry_failed(struct core *core, const struct retry_queue *queue, const struct event *event,
	     int64_t tries_max, const char *error, bool *is_parked_r)
{
	struct outcome outcome;
	enum err err = call_log_retry_failed(core, queue->consumer, queue->endpoint, queue->entity,
					     event->id, event->tries, tries_max, error,
					     wait_ms(core->config, event->tries + 1), &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err == ERR_OK)
		*is_parked_r = jin_get_bool(outcome_result(&outcome), "is_parked");
	return err;
}

enum err
retry_count(struct core *core, const char *consumer, int64_t *waiting_r, int64_t *parked_r)
{
	const struct db_rows *rows;
	enum err err = read_log_retries_count(core, core->db, consumer, &rows);

	if (err != ERR_OK)
		return err;
	*waiting_r = db_i64(rows, 0, "waiting");
	*parked_r = db_i64(rows, 0, "parked");
	return ERR_OK;
}

/* --- for operators --- */

enum err
retry_parked(struct core *core, const struct retry_parked **rows_r, size_t *count_r)
{
	const struct db_rows *rows;
	struct retry_parked *parked;
	enum err err = read_log_retries_parked(core, core->db, &rows);

	if (err != ERR_OK)
		return err;
	*count_r = db_rows_count(rows);
	parked = arena_calloc(core->arena, *count_r + 1, sizeof(*parked));
	for (size_t i = 0; i < *count_r; i++)
		parked[i] =
			(struct retry_parked){.queue = {.consumer = db_text(rows, i, "consumer"),
							.endpoint = db_text(rows, i, "endpoint"),
							.entity = db_text(rows, i, "entity")},
					      .id = db_i64(rows, i, "id"),
					      .kind = db_text(rows, i, "kind"),
					      .tries = db_i64(rows, i, "tries"),
					      .behind = db_i64(rows, i, "behind"),
					      .error = db_text(rows, i, "error")};
	*rows_r = parked;
	return ERR_OK;
}

enum err
retry_anew(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r)
{
	struct outcome outcome;
	enum err err = call_log_retry_anew(core, consumer, entity, actor, &outcome);

	if (err == ERR_OK)
		*is_found_r = outcome_is(&outcome, "ok");
	return err;
}

enum err
retry_skip(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r)
{
	struct outcome outcome;
	enum err err = call_log_retry_skip(core, consumer, entity, actor, &outcome);

	if (err == ERR_OK)
		*is_found_r = outcome_is(&outcome, "ok");
	return err;
}
