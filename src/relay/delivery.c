#include "config.h"

#include "relay/delivery.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/log/retry.h"
#include "relay/consumer.h"
#include "run/run.h"
#include "run/signals.h"

#define HANDLE_TIMEOUT_MS 60000 /* one call may touch tens of thousands of shows */
#define ENDPOINT ""             /* every consumer so far delivers to one place */
#define QUEUES_MAX 100          /* most queues that one cycle tries again */
#define QUEUE_EVENTS 500        /* most events of one entity in a try */

static enum err
handle(struct run *run, const struct consumer *consumer, const struct event *events, size_t count)
{
	struct core *core = &run->core;

	failure_init(core->failure, core->arena);
	core_begin(core, core->arena, core->failure, NULL, clock_mono_ms() + HANDLE_TIMEOUT_MS);
	return consumer->handle(core, events, count);
}

/* Tries the events of one entity together, then one by one until the first that fails. */
static enum err
handle_entity(struct run *run, const struct consumer *consumer, const struct event *events,
	      size_t count, size_t *done_r)
{
	enum err err = handle(run, consumer, events, count);

	*done_r = err == ERR_OK ? count : 0;
	if (err == ERR_OK || count == 1)
		return err;
	for (size_t i = 0; i < count; i++) {
		err = run_has_lock(run) ? handle(run, consumer, &events[i], 1) : ERR_RETRY;
		if (err != ERR_OK)
			return err;
		*done_r = i + 1;
	}
	return ERR_OK;
}

/* Logs the fate of an event that failed. */
static void
log_event(enum log_level level, const struct retry_queue *queue, const struct event *event,
	  const char *end, const char *reason)
{
	log_msg(level, "event %" PRId64 " (%s) of %s %s %s after %" PRId64 " tries: %s", event->id,
		event->kind, queue->consumer, queue->entity, end, event->tries + 1, reason);
}

/* --- from the log --- */

static int
compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	const int order = strcmp(x->entity, y->entity);

	return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static int
compare_entity(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

/* Entities with events that wait in the consumer's retry table. */
struct waiting {
	const char **entities;
	size_t count;
};

static bool
is_waiting(const struct waiting *waiting, const struct event *event)
{
	return waiting->count > 0 && bsearch(event->entity, waiting->entities, waiting->count,
					     sizeof(*waiting->entities), compare_entity) != NULL;
}

/* Handles the events of one entity, after a failure or when older events of the entity wait. With
 * `is_behind`, older events wait. */
static enum err
take_entity(struct run *run, const struct consumer *consumer, const struct event *events,
	    size_t count, bool is_behind)
{
	const struct retry_queue queue = {consumer->name, ENDPOINT, events->entity};
	const char *reason = NULL;
	size_t done = 0;
	enum err err;

	if (is_behind)
		/* The waiting event will be tried later than this one, and it will see the newer
		 * state. */
		return consumer->is_state ? ERR_OK
					  : retry_add(&run->core, &queue, events, count, NULL);
	if (consumer->is_state) {
		events += count - 1;
		count = 1;
	}
	err = handle_entity(run, consumer, events, count, &done);
	if (err == ERR_OK || !run_has_lock(run))
		return err;
	reason = failure_reason(run->core.failure);
	log_event(LOG_LEVEL_WARN, &queue, &events[done], "waits", reason);
	return retry_add(&run->core, &queue, events + done, count - done, reason);
}

enum err
delivery_take(struct run *run, const struct consumer *consumer, struct event *events, size_t count)
{
	struct event *others = arena_calloc(run->core.arena, count + 1, sizeof(*others));
	struct waiting waiting;
	size_t others_count = 0, end;
	enum err err, all = ERR_OK;

	err = retry_waiting(&run->core, consumer->name, ENDPOINT, &waiting.entities,
			    &waiting.count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (!is_waiting(&waiting, &events[i]))
			others[others_count++] = events[i];
	}
	if (others_count > 0)
		all = handle(run, consumer, others, others_count);
	if (all != ERR_OK && !run_has_lock(run))
		return all;
	if (all == ERR_OK && others_count == count)
		return ERR_OK;
	qsort(events, count, sizeof(*events), compare_events);
	for (size_t i = 0; i < count && err == ERR_OK; i = end) {
		const bool is_behind = is_waiting(&waiting, &events[i]);

		for (end = i + 1; end < count && strcmp(events[end].entity, events[i].entity) == 0;)
			end++;
		if (is_behind || all != ERR_OK)
			err = take_entity(run, consumer, &events[i], end - i, is_behind);
	}
	return err;
}

/* --- retries --- */

/* Tries the first events of a queue again. */
static enum err
try_queue(struct run *run, const struct consumer *consumer, const struct retry_queue *queue)
{
	struct core *core = &run->core;
	const int64_t tries = core->config->relay_retry_tries;
	const char *reason;
	struct event *events;
	bool is_parked = false;
	size_t count, done;
	enum err err, last;

	err = retry_events(core, queue, QUEUE_EVENTS, &events, &count);
	if (err != ERR_OK || count == 0)
		return err;
	last = handle_entity(run, consumer, events, count, &done);
	if (last != ERR_OK && !run_has_lock(run))
		return last;
	reason = failure_reason(run->core.failure);
	if (done > 0)
		err = retry_done(core, queue, events, done);
	if (last == ERR_OK || err != ERR_OK)
		return err;
	/* A state is always tried again, because it would otherwise stay wrong for ever. A parked
	 * event is left to an operator. */
	err = retry_failed(core, queue, &events[done], consumer->is_state ? INT32_MAX : tries,
			   reason, &is_parked);
	if (err == ERR_OK && events[done].tries + 1 == tries)
		log_event(LOG_LEVEL_ERROR, queue, &events[done],
			  is_parked ? "is parked" : "waits still", reason);
	return err;
}

enum err
delivery_retry(struct run *run)
{
	struct retry_queue *queues;
	size_t count;
	enum err err = retry_due(&run->core, QUEUES_MAX, &queues, &count);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && err == ERR_OK && !signals_is_stopping(); i++) {
		const struct consumer *consumer = consumer_find(queues[i].consumer);

		if (consumer)
			err = try_queue(run, consumer, &queues[i]);
	}
	return err;
}
