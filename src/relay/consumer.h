/*
 * Consumers of the event log, in one table: the name of each, the events that it takes, and the
 * function that handles them. Each has a cursor under its name. To add one, write a row and a
 * function. A consumer without a cursor in log.cursors begins with the newest events; a migration
 * writes a cursor and lists of older ones where they are wanted.
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
	/* It brings a state up to date, whatever the event says. This is done at most every
	 * relay.recount_ms. An entity that failed is tried again without a second event, and is
	 * never parked. */
	bool is_state;
	/* Handles events in their order. It may get an event again. When it fails, the same
	 * events come once more, those of each entity by themselves. */
	enum err (*handle)(struct core *core, const struct event *events, size_t count);
	/* Called once a second, for what the clock changes; NULL: nothing. */
	enum err (*tick)(struct core *core);
};

extern const struct consumer consumers[];
extern const size_t consumer_count;

/* NULL when there is none of that name. */
const struct consumer *
consumer_find(const char *name);

#endif
