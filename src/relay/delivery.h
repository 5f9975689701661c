/*
 * Delivery: gives events to a consumer and keeps what fails from standing in the way. All of a bite
 * are tried together; when that fails, those of each entity by themselves; what fails then, and
 * what comes later for the same entity, goes into the retry table (core/retry.h), in its order.
 *
 * A failure counts against an event only while the session that leads is there. Without it nothing
 * is written: whoever leads next begins at the cursor.
 */
#ifndef RELAY_DELIVERY_H
#define RELAY_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

struct run;
struct consumer;
struct event;

/* When it returns ERR_OK every event is handled or waits in the retry table. Sorts the events. */
MUST_USE enum err
delivery_take(struct run *run, const struct consumer *consumer, struct event *events, size_t count);

/* Tries again what is due. */
MUST_USE enum err
delivery_retry(struct run *run);

#endif
