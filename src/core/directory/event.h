/* Event: what is performed, as an admin enters and changes it. What the public sees is the catalog. */
#ifndef CORE_DIRECTORY_EVENT_H
#define CORE_DIRECTORY_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* NULL-terminated. */
extern const char *const event_kinds[];
extern const char *const event_ratings[];

/* What is entered of an event; of one that changes, what was given: texts that were not are NULL, minutes
 * 0, but: */
struct event_entry {
	const char *title;
	const char *kind;
	const char *rating; /* NULL: not rated */
	bool has_rating;
	int64_t running_minutes;
	const char *description; /* NULL: none */
	bool has_description;
};

/* `actor` goes into the audit trail. `body`: the event as GET gives it. */
MUST_USE enum err
event_create(struct core *core, const struct uuid *actor, const struct event_entry *event,
	     struct buf *body);

/* Lists show it with the next reading of the directory; shows that exist keep their ends, for
 * people hold tickets to them. `body`: the event as GET gives it. Refusal: not_found. */
MUST_USE enum err
event_change(struct core *core, int64_t event_id, const struct uuid *actor,
	     const struct event_entry *change, struct buf *body);

#endif
