/* Catalog: the events and shows that the public browses, read through the cache. */
#ifndef CORE_LISTING_CATALOG_H
#define CORE_LISTING_CATALOG_H

#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct list;

/* NULL: any. Days are "2026-11-21" in the venue's time zone; the first and the last day are
 * included. */
struct catalog_filter {
	const char *kind;
	const char *q;
	const char *region;
	const char *rating;
	const char *from;
	const char *to;
};

/* Events that have a show in the future, by (first_show_at, id). */
MUST_USE enum err
catalog_events(struct core *core, const struct catalog_filter *filter, const struct list *list,
	       struct buf *body);

MUST_USE enum err
catalog_event(struct core *core, int64_t event_id, struct buf *body);

/* Reads from the primary, past the cache: for use right after a change. */
MUST_USE enum err
catalog_event_now(struct core *core, int64_t event_id, struct buf *body);

/* Days that have a show on sale with seats left. NULL: from today, for 92 days. */
MUST_USE enum err
catalog_dates(struct core *core, int64_t event_id, const char *from, const char *to,
	      struct buf *body);

/* Shows of an event by (starts_at, id). `date` NULL: any day. */
MUST_USE enum err
catalog_shows(struct core *core, int64_t event_id, const char *date, const struct list *list,
	      struct buf *body);

/* One show with its grades. seats_left lags by one round of the relay. */
MUST_USE enum err
catalog_show(struct core *core, int64_t show_id, struct buf *body);

/* Reads from the primary, past the cache: for use right after a show was made or changed. */
MUST_USE enum err
catalog_show_now(struct core *core, int64_t show_id, struct buf *body);

#endif
