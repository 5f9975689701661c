#include "config.h"

#include "core/log/retry.h"

#include "base/arena.h"
#include "conf/config.h"
#include "base/size.h"
#include "core/core.h"
#include "core/log/eventlog.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

static void
put_queue(struct core *core, struct db_params *params, const struct retry_queue *queue)
{
	db_params_init(params, core->arena);
	db_put_text(params, queue->consumer);
	db_put_text(params, queue->endpoint);
	db_put_text(params, queue->entity);
}

/* After so many failures: doubled each time. */
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
	struct db_params params;
	const char **entities;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, consumer);
	db_put_text(&params, endpoint);
	err = db_read(core->db, "retries_waiting", &params, core->arena, core->failure, &rows);
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
	struct db_params params;
	struct outcome outcome;

	for (size_t i = 0; i < count; i++) {
		ids[i] = events[i].id;
		kinds[i] = events[i].kind;
		payloads[i] = events[i].payload;
		traces[i] = events[i].traceparent;
		ats[i] = events[i].at;
	}
	put_queue(core, &params, queue);
	db_put_i64s(&params, ids, count);
	db_put_texts(&params, kinds, count);
	db_put_texts(&params, payloads, count);
	db_put_texts(&params, traces, count);
	db_put_texts(&params, ats, count);
	db_put_text(&params, error);
	db_put_i64(&params, error ? wait_ms(core->config, 1) : 0);
	return outcome_do(core, "log.retry_add", &params, &outcome);
}

enum err
retry_due(struct core *core, int64_t limit, struct retry_queue **queues_r, size_t *count_r)
{
	const struct db_rows *rows;
	struct retry_queue *queues;
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, limit);
	err = db_read(core->db, "retries_due", &params, core->arena, core->failure, &rows);
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
	struct db_params params;
	enum err err;

	put_queue(core, &params, queue);
	db_put_i64(&params, limit);
	err = db_read(core->db, "retries_of", &params, core->arena, core->failure, &rows);
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
	struct db_params params;
	struct outcome outcome;

	for (size_t i = 0; i < count; i++)
		ids[i] = events[i].id;
	put_queue(core, &params, queue);
	db_put_i64s(&params, ids, count);
	return outcome_do(core, "log.retry_done", &params, &outcome);
}

enum err
retry_failed(struct core *core, const struct retry_queue *queue, const struct event *event,
	     int64_t tries_max, const char *error, bool *is_parked_r)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	put_queue(core, &params, queue);
	db_put_i64(&params, event->id);
	db_put_i64(&params, event->tries);
	db_put_i64(&params, tries_max);
	db_put_text(&params, error);
	db_put_i64(&params, wait_ms(core->config, event->tries + 1));
	err = outcome_do(core, "log.retry_failed", &params, &outcome);
	if (err == ERR_OK)
		*is_parked_r = jin_get_bool(outcome.result, "is_parked");
	return err;
}
