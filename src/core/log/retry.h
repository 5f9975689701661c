/*
 * Retry: events that a consumer could not deliver. They wait in a table, the later ones of the same
 * (consumer, endpoint, entity) behind the first, and the consumer's cursor goes on without them.
 */
#ifndef CORE_LOG_RETRY_H
#define CORE_LOG_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;
struct event;

/* Whose events: the key of the table's queues. */
struct retry_queue {
	const char *consumer;
	const char *endpoint; /* "" for a consumer that has one */
	const char *entity;
};

/* Entities of the consumer and endpoint that have a queue, in the order of strcmp(). */
MUST_USE enum err
retry_waiting(struct core *core, const char *consumer, const char *endpoint,
	      const char ***entities_r, size_t *count_r);

/* Puts events, in order, at the end of the queue. When there is none, the first of them has failed
 * with `error` and is tried again after relay.retry_min_ms; NULL: it has not been tried. */
MUST_USE enum err
retry_add(struct core *core, const struct retry_queue *queue, const struct event *events,
	  size_t count, const char *error);

/* Queues whose first event is to be tried again now, `limit` of them at most. */
MUST_USE enum err
retry_due(struct core *core, int64_t limit, struct retry_queue **queues_r, size_t *count_r);

/* The queue's events, the first one first. */
MUST_USE enum err
retry_events(struct core *core, const struct retry_queue *queue, int64_t limit,
	     struct event **events_r, size_t *count_r);

/* These were delivered. */
MUST_USE enum err
retry_done(struct core *core, const struct retry_queue *queue, const struct event *events,
	   size_t count);

/* The queue's first event failed again: tried later, or parked when that were `tries_max` failures. */
MUST_USE enum err
retry_failed(struct core *core, const struct retry_queue *queue, const struct event *event,
	     int64_t tries_max, const char *error, bool *is_parked_r);

/* Entities of which an event of the consumer waits to be tried again, and of which one was given up. */
MUST_USE enum err
retry_count(struct core *core, const char *consumer, int64_t *waiting_r, int64_t *parked_r);

/* --- for operators --- */

/* An event that was given up. */
struct retry_parked {
	struct retry_queue queue;
	int64_t id;
	const char *kind;
	int64_t tries;
	int64_t behind; /* events that wait for it */
	const char *error;
};

MUST_USE enum err
retry_parked(struct core *core, const struct retry_parked **rows_r, size_t *count_r);

/* Lets the first events of an entity be tried at once and as often as new ones, parked or not.
 * `*is_found_r` false: none waits. */
MUST_USE enum err
retry_anew(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r);

/* Gives the parked events of an entity up for good, so that those behind them go on. */
MUST_USE enum err
retry_skip(struct core *core, const char *consumer, const char *entity, const char *actor,
	   bool *is_found_r);

#endif
