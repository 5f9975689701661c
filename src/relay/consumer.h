/*
 * Consumers of the event log, as one table: who follows it, which events he takes, and the function
 * that handles them. Each has a cursor of its own under his name. One more is a row and a function;
 * one without a cursor in log.cursors begins with the newest events, and whose rows from before are
 * wanted as well gets both from a migration.
 */
#ifndef RELAY_CONSUMER_H
#define RELAY_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "core/log/eventlog.h"

struct core;

struct consumer {
	const char *name; /* of its cursor: never changed */
	struct event_filter takes;
	/* It brings a state up to date, whatever the event: done at most every relay.recount_ms, and
	 * an entity that failed once needs no second event to be tried again, and is not parked. */
	bool is_state;
	/* Handles events in their order, again if need be: each may have been handled before. When
	 * it fails, the same events come once more, those of each entity by themselves. */
	enum err (*handle)(struct core *core, const struct event *events, size_t count);
	/* Once a second, for what the clock changes; NULL: nothing. */
	enum err (*tick)(struct core *core);
};

extern const struct consumer consumers[];
extern const size_t consumer_count;

/* NULL when there is none of that name. */
const struct consumer *
consumer_find(const char *name);

#endif
