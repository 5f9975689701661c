/* Event: a performance as an admin enters and changes it. The public sees the catalog instead. */
#ifndef CORE_DIRECTORY_EVENT_H
#define CORE_DIRECTORY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;

/* NULL-terminated. */
extern const char *const event_kinds[];
extern const char *const event_ratings[];

/* The members that an admin enters. A change carries the members that were given: texts that were
 * not given are NULL, and minutes that were not given are 0. A has_ member tells where NULL is a
 * value. */
struct event_entry {
	const char *title;
	const char *kind;
	const char *rating; /* NULL: no rating */
	bool has_rating;
	int64_t running_minutes;
	const char *description; /* NULL: none */
	bool has_description;
};

/* The user of `key` goes into the audit trail. `body`: the event as GET answers it. The same key
 * enters it once and then answers the first body again; with another body: idempotency_mismatch. */
MUST_USE enum err
event_create(struct core *core, const struct core_key *key, const struct event_entry *event,
	     bool *is_replay_r, struct buf *body);

/* Lists show the change when they next read the directory. Existing shows keep their ends, because
 * people hold tickets to them. `body`: the event as GET answers it. Refusal: not_found. */
MUST_USE enum err
event_change(struct core *core, int64_t event_id, const struct uuid *actor,
	     const struct event_entry *change, struct buf *body);

#endif
