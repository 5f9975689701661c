/*
 * Delivery: gives events to a consumer and keeps an event that fails from holding up the others.
 * First all events of a bite are tried together. When that fails, the events of each entity are
 * tried by themselves. An event that fails then goes into the retry table (core/log/retry.h), and
 * later ones of its entity go behind it.
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

/* Sorts the events. After ERR_OK each is handled or waits in the retry table. */
MUST_USE enum err
delivery_take(struct run *run, const struct consumer *consumer, struct event *events, size_t count);

/* Tries again what is due. */
MUST_USE enum err
delivery_retry(struct run *run);

#endif
