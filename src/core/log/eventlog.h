/*
 * Event log, as its consumers read it: in windows of transactions [from, to) that have all ended, so
 * that nothing can still appear in them, by id inside a window. A consumer's cursor says that all
 * transactions below `from` were handled, and of those below `to` the events up to `id`; when both
 * are equal it has nothing begun.
 *
 * From one window to the next an entity's order holds where its lock was taken before anything was
 * written. A transaction that wrote first and waited then may have its event read before an earlier
 * one: who needs the order of a seat or an order goes by the version in the event.
 */
#ifndef CORE_LOG_EVENTLOG_H
#define CORE_LOG_EVENTLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;
struct db_rows;

/* Which events a consumer takes, and whose they are. */
struct event_filter {
	const char *home;      /* directory, account or show */
	const char *kinds[4];  /* patterns of LIKE */
	const char *member;    /* or with this member in the payload, not empty; NULL: no others */
	const char *entity[4]; /* path in the payload to the entity; none: the event's own */
	const char *part;      /* member of the payload that is read; NULL: all, "": nothing */
};

struct event {
	int64_t id;
	const char *entity; /* whose order is kept */
	const char *kind;
	const char *payload;     /* JSON: the part that the filter names */
	const char *traceparent; /* NULL: caused by no request */
	const char *at;          /* when, as PostgreSQL writes it */
	int64_t age_ms;          /* when it was read */
	int64_t tries;           /* that failed */
};

struct eventlog_position {
	int64_t from;
	int64_t to;
	int64_t id;
};

/* Where the newest window ends now. */
MUST_USE enum err
eventlog_xmin(struct core *core, int64_t *xmin_r);

/* Where a window from `from` on ends: at `xmin`, which is the newest end; or, when that is more than
 * `most` transactions away, where one ended at the time when so many had begun, if an event tells. A
 * cut by any other number would tear apart what must be read in the order of ids. */
MUST_USE enum err
eventlog_window_end(struct core *core, int64_t from, int64_t xmin, int64_t most, int64_t *to_r);

/* `*is_found_r`: false for a consumer that never wrote one down. */
MUST_USE enum err
eventlog_cursor(struct core *core, const char *consumer, struct eventlog_position *position_r,
		bool *is_found_r);

/* Never goes back, and is not taken when it is ahead of the database. */
MUST_USE enum err
eventlog_cursor_set(struct core *core, const char *consumer,
		    const struct eventlog_position *position);

/* The next `limit` events of the window that the filter takes, behind the position. */
MUST_USE enum err
eventlog_read(struct core *core, const struct event_filter *filter,
	      const struct eventlog_position *position, int64_t limit, struct event **events_r,
	      size_t *count_r);

/* How old the oldest event is of which the consumer, which has handled all transactions below `from`, has
 * not handled all; 0: it has. */
MUST_USE enum err
eventlog_lag_ms(struct core *core, int64_t from, int64_t *lag_ms_r);

/* Makes the days of the log ahead, as many as it is to have. */
MUST_USE enum err
eventlog_make_days(struct core *core);

/* A reader whose cursor is ahead of the database's transactions, which was restored from a dump; NULL:
 * there is none. */
MUST_USE enum err
eventlog_reader_ahead(struct core *core, const char **consumer_r);

/* Puts such cursors, and the events that came with the dump, into the database's own counting.
 * `*readers_r` were put back, `*events_r` are to be read again. */
MUST_USE enum err
eventlog_rebase(struct core *core, const char *actor, int64_t *readers_r, int64_t *events_r);

/* Events from rows with the columns of events_taken and, perhaps, tries. For retry.c. */
struct event *
eventlog_events(struct core *core, const struct db_rows *rows, bool has_tries);

#endif
