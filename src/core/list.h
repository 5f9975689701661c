/*
 * List: keyset paging. A page is read behind the key of the last row of the page before; a cursor
 * is that key, opaque to clients. Nothing is promised about its content but that it comes back as
 * it was given; a forged one reads another part of the same list and no more.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct db_rows;
struct jout;

#define LIST_LIMIT_MAX 100 /* listing.events_coming gives one more, at most */
#define LIST_LIMIT_DEFAULT 20

enum list_kind {
	LIST_EVENTS,      /* key: first_show_at (Unix s), number */
	LIST_SHOWS,       /* key: starts_at (Unix s), number */
	LIST_ORDERS,      /* key: created_at (Unix µs), UUID */
	LIST_ENTRIES,     /* key: number */
	LIST_BLOCKS,      /* key: number */
	LIST_AUDIT,       /* key: number */
	LIST_SHOW_ORDERS, /* key: created_at (Unix µs), UUID */
	LIST_MAX
};

struct list_key {
	int64_t at;
	int64_t number;
	struct uuid uuid;
};

struct list {
	enum list_kind kind;
	int64_t limit;
	bool has_key;        /* false: the first page */
	struct list_key key; /* of the last row of the page before */
};

/* What a client asks for. */
struct list_page {
	int64_t limit;      /* 1 … LIST_LIMIT_MAX */
	const char *cursor; /* NULL: the first page */
};

/* A cursor that is none of this kind is bad_cursor. */
MUST_USE enum err
list_read(struct core *core, enum list_kind kind, const struct list_page *page,
	  struct list *list_r);

/* The cursor that continues behind `key`. */
const char *
list_cursor(struct core *core, enum list_kind kind, const struct list_key *key);

/* Begins {"items":[ in `body`. */
void
list_begin(struct jout *out, struct buf *body);

/* Ends {"items":[…: the array, next_cursor, the object. Reads ask for limit + 1 rows: `has_more`
 * says that the last one came; `last` is the key of the last row shown. */
void
list_end(struct core *core, struct jout *out, enum list_kind kind, bool has_more,
	 const struct list_key *last);

/* The parameters of a read: the parts of the key behind which, NULL for the first page, and how many
 * rows to ask for. */
const int64_t *
list_at(const struct list *list);
const int64_t *
list_number(const struct list *list);
const struct uuid *
list_uuid(const struct list *list);
int64_t
list_rows(const struct list *list);

/* --- whole documents, each row by `render` --- */

typedef void
list_render(struct jout *out, const struct db_rows *rows, size_t row);

/* The key is the number in the column. */
void
list_render_numbered(struct core *core, const struct list *list, const struct db_rows *rows,
		     const char *column, list_render *render, struct buf *body);

/* The key is the time in `at_column`, in Unix seconds, and the number in the column "id". */
void
list_render_timed(struct core *core, const struct list *list, const struct db_rows *rows,
		  const char *at_column, list_render *render, struct buf *body);

#endif
