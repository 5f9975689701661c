/*
 * Event log, as its consumers read it. They read in windows of transactions [from, to) that have
 * all ended, so that no event can still appear in a window. Inside a window they read by id. The
 * cursor of a consumer says that it has handled all transactions below `from`, and the events up to
 * `id` of the transactions below `to`. When `from` and `to` are equal, it has begun no window.
 *
 * Across windows the order of an entity's events holds for transactions that took the entity's lock
 * before their first write. When a transaction wrote first and then waited for the lock, its event
 * may be read before an earlier one. A consumer that needs the order of a seat or an order uses the
 * version in the event.
 */
#ifndef CORE_LOG_EVENTLOG_H
#define CORE_LOG_EVENTLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;
struct db_rows;

/* The events that a consumer takes, and the entity that each belongs to. */
struct event_filter {
	const char *home;      /* directory, account or show */
	const char *kinds[4];  /* patterns for LIKE */
	const char *member;    /* also events with this member, not empty; NULL: no others */
	const char *entity[4]; /* path in the payload to the entity; empty: the event's own */
	const char *part;      /* the member of the payload to read; NULL: all, "": nothing */
};

struct event {
	int64_t id;
	const char *entity; /* events of one entity stay in order */
	const char *kind;
	const char *payload;     /* JSON: the part that the filter names */
	const char *traceparent; /* NULL: no request caused the event */
	const char *at;          /* time of the event, as PostgreSQL writes it */
	int64_t age_ms;          /* age when it was read */
	int64_t tries;           /* number of failed tries */
};

struct eventlog_position {
	int64_t from;
	int64_t to;
	int64_t id;
};

/* The end of the newest possible window. */
MUST_USE enum err
eventlog_xmin(struct core *core, int64_t *xmin_r);

/* The end of a window that starts at `from`. This is `xmin`, the newest end, when it is at most
 * `most` transactions away. Otherwise it is the xmin that the first event of transaction
 * `from` + `most` or later was written under, which ended a window at that time; `xmin` when there
 * is no such event. The window must
 * not be cut at any other number: a cut there could separate events that must be read in the order
 * of their ids. */
MUST_USE enum err
eventlog_window_end(struct core *core, int64_t from, int64_t xmin, int64_t most, int64_t *to_r);

/* `*is_found_r` is false for a consumer that has never stored a cursor. */
MUST_USE enum err
eventlog_cursor(struct core *core, const char *consumer, struct eventlog_position *position_r,
		bool *is_found_r);

/* The cursor never goes back. A cursor ahead of the database is not stored. */
MUST_USE enum err
eventlog_cursor_set(struct core *core, const char *consumer,
		    const struct eventlog_position *position);

/* The next `limit` events of the window that match the filter, after the position. */
MUST_USE enum err
eventlog_read(struct core *core, const struct event_filter *filter,
	      const struct eventlog_position *position, int64_t limit, struct event **events_r,
	      size_t *count_r);

/* The age of the oldest event that the consumer has not handled. The consumer has handled all
 * transactions below `from`. 0: no event is left. */
MUST_USE enum err
eventlog_lag_ms(struct core *core, int64_t from, int64_t *lag_ms_r);

/* Makes the days of the log that must lie ahead. */
MUST_USE enum err
eventlog_make_days(struct core *core);

/* A reader whose cursor is ahead of the transactions of the database, because the database was
 * restored from a dump. NULL: there is none. */
MUST_USE enum err
eventlog_reader_ahead(struct core *core, const char **consumer_r);

/* Puts such cursors, and the events that came with the dump, into the database's own count of
 * transactions. `*readers_r` cursors were put back, and `*events_r` events will be read again. */
MUST_USE enum err
eventlog_rebase(struct core *core, const char *actor, int64_t *readers_r, int64_t *events_r);

/* Makes events from rows that have the columns of events_taken and, optionally, tries. For
 * retry.c. */
struct event *
eventlog_events(struct core *core, const struct db_rows *rows, bool has_tries);

#endif
