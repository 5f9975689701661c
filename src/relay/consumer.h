/*
 * Consumers of the event log, in one table: the name of each, the events that it takes, and the
 * function that handles them. Each has a cursor under its name. To add a consumer, add a row and a
 * function. Without a cursor in log.cursors it begins with the newest events. If it needs older
 * events, a migration writes its cursor and fills its lists.
 */
#ifndef RELAY_CONSUMER_H
#define RELAY_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"
#include "core/log/eventlog.h"

struct core;

struct consumer {
	const char *name; /* of its cursor, so it never changes */
	struct event_filter takes;
	/* The consumer brings a state up to date, whatever the event says, at most every
	 * relay.recount_ms. If an entity fails, it is tried again without another event, and it is
	 * never parked. */
	bool is_state;
	/* Handles events in their order. It may get an event twice. When it fails, it gets the same
	 * events again, those of each entity by themselves. */
	enum err (*handle)(struct core *core, const struct event *events, size_t count);
	/* Called once a second to apply changes that the clock makes. May be NULL. */
	enum err (*tick)(struct core *core);
};

extern const struct consumer consumers[];
extern const size_t consumer_count;

/* NULL when no consumer has that name. */
const struct consumer *
consumer_find(const char *name);

#endif
