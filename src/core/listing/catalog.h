/* Catalog: venues, halls, events, and the lists the public browses. Layouts are layout.h. */
#ifndef CORE_LISTING_CATALOG_H
#define CORE_LISTING_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct list;

/* NULL-terminated. */
extern const char *const catalog_kinds[];
extern const char *const catalog_ratings[];

/* --- lists, through the cache --- */

/* Each NULL: any. Days are "2026-11-21" in the venue's time zone, both included. */
struct catalog_filter {
	const char *kind;
	const char *q;
	const char *region;
	const char *rating;
	const char *from;
	const char *to;
};

/* Events with a coming show, by (first_show_at, id). */
MUST_USE enum err
catalog_events(struct core *core, const struct catalog_filter *filter, const struct list *list,
	       struct buf *body);

MUST_USE enum err
catalog_event(struct core *core, int64_t event_id, struct buf *body);

/* From the primary, past the cache: right after it was changed. */
MUST_USE enum err
catalog_event_now(struct core *core, int64_t event_id, struct buf *body);

/* Days with a show on sale and seats left; NULL: from today, for 92 days. */
MUST_USE enum err
catalog_dates(struct core *core, int64_t event_id, const char *from, const char *to,
	      struct buf *body);

/* Shows of an event by (starts_at, id); `date` NULL: any. */
MUST_USE enum err
catalog_shows(struct core *core, int64_t event_id, const char *date, const struct list *list,
	      struct buf *body);

/* --- creation and change; `actor` goes into the audit trail --- */

struct catalog_venue {
	const char *name;
	const char *region;
	const char *address;   /* NULL: none */
	const char *time_zone; /* NULL: Asia/Seoul */
};

MUST_USE enum err
catalog_venue_create(struct core *core, const struct uuid *actor, const struct catalog_venue *venue,
		     struct buf *body);

MUST_USE enum err
catalog_hall_create(struct core *core, const struct uuid *actor, int64_t venue_id, const char *name,
		    struct buf *body);

struct catalog_event {
	const char *title;
	const char *kind;
	const char *rating; /* NULL: not rated */
	int64_t running_minutes;
	const char *description; /* NULL: none */
};

MUST_USE enum err
catalog_event_create(struct core *core, const struct uuid *actor, const struct catalog_event *event,
		     struct buf *body);

/* Which members of an event change: those that were given. */
struct catalog_event_change {
	struct catalog_event event; /* a text of NULL and minutes of 0 were not given, but: */
	bool has_rating;
	bool has_description;
};

/* Lists show it with the next reading of the directory; shows that exist keep their ends, for
 * people hold tickets to them. `body`: the event as GET gives it. Refusal: not_found. */
MUST_USE enum err
catalog_event_change(struct core *core, int64_t event_id, const struct uuid *actor,
		     const struct catalog_event_change *change, struct buf *body);

#endif
