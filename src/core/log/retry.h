/*
 * Retry: events that a consumer could not deliver. They wait in a table, and later events of the
 * same (consumer, endpoint, entity) queue behind the first. The consumer's cursor goes on without
 * them.
 */
#ifndef CORE_LOG_RETRY_H
#define CORE_LOG_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;
struct event;

/* The key of a queue in the table. */
struct retry_queue {
	const char *consumer;
	const char *endpoint; /* "" for a consumer with a single endpoint */
	const char *entity;
};

/* The entities of the consumer and endpoint that have a queue, sorted by strcmp(). */
MUST_USE enum err
retry_waiting(struct core *core, const char *consumer, const char *endpoint,
	      const char ***entities_r, size_t *count_r);

/* Appends events, in order, to the queue. If the queue was empty, the first event is tried after
 * relay.retry_min_ms. `error` tells why its first try failed; NULL: it has not been tried. */
MUST_USE enum err
retry_add(struct core *core, const struct retry_queue *queue, const struct event *events,
	  size_t count, const char *error);

/* Up to `limit` queues whose first event is due for another try. */
MUST_USE enum err
retry_due(struct core *core, int64_t limit, struct retry_queue **queues_r, size_t *count_r);

/* The events of the queue, oldest first. */
MUST_USE enum err
retry_events(struct core *core, const struct retry_queue *queue, int64_t limit,
	     struct event **events_r, size_t *count_r);

/* Removes events that were delivered. */
MUST_USE enum err
retry_done(struct core *core, const struct retry_queue *queue, const struct event *events,
	   size_t count);

/* The first event of the queue failed again. It is tried again later, or parked after `tries_max`
 * failures. */
MUST_USE enum err
retry_failed(struct core *core, const struct retry_queue *queue, const struct event *event,
	     int64_t tries_max, const char *error, bool *is_parked_r);

/* Counts the entities that have an event of the consumer waiting for another try, and those that
 * have a parked one. */
MUST_USE enum err
retry_count(struct core *core, const char *consumer, int64_t *waiting_r, int64_t *parked_r);

/* --- for operators --- */

/* A parked event. */
struct retry_parked {
	struct retry_queue queue;
	int64_t id;
	const char *kind;
	int64_t tries;
	int64_t behind; /* number of events that wait for it */
	const char *error;
};

MUST_USE enum err
retry_parked(struct core *core, const struct retry_parked **rows_r, size_t *count_r);

/* Lets the first events of an entity, parked or not, be tried at once and as often as new ones.
 * `*is_found_r` false: none waits. */
MUST_USE enum err
retry_anew(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r);

/* Gives up the parked events of an entity for good, so that the events behind them go on. */
MUST_USE enum err
retry_skip(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r);

#endif
