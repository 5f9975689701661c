/*
 * Delivery: gives events to a consumer, and keeps a failing event from holding up the others. It
 * first tries all events of a bite together. When that fails, it tries the events of each entity by
 * themselves. If an event still fails, it goes into the retry table (core/log/retry.h), and later
 * events of its entity queue after it.
 *
 * A failure counts against an event only while the leading session lives. Without that session
 * nothing is written: the next leader begins at the cursor.
 */
#ifndef RELAY_DELIVERY_H
#define RELAY_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

struct run;
struct consumer;
struct event;

/* Sorts the events. After ERR_OK every event has been handled or waits in the retry table. */
MUST_USE enum err
delivery_take(struct run *run, const struct consumer *consumer, struct event *events, size_t count);

/* Tries again the queues that are due. */
MUST_USE enum err
delivery_retry(struct run *run);

#endif
