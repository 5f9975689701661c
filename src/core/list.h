/*
 * List: keyset paging. A page starts after the key of the last row of the previous page. A cursor
 * is that key, opaque to clients. Clients may rely on nothing but that it works when they send it
 * back unchanged. A forged cursor reads another part of the same list and nothing else.
 *
 * A search looks at so many rows, whether they match or not. If its page is not full by then, the
 * last row of the read is cut (column is_cut): only the key up to which it has looked. So a page
 * may be short or empty and yet have a next one.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct db_rows;
struct jout;

#define LIST_LIMIT_MAX 100 /* listing.events_found returns one more at most */
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
	struct list_key key; /* of the last row of the previous page */
};

/* The page that a client asks for. */
struct list_page {
	int64_t limit;      /* 1 … LIST_LIMIT_MAX */
	const char *cursor; /* NULL: the first page */
};

/* Fails with bad_cursor when the cursor is malformed or belongs to another kind of list. */
MUST_USE enum err
list_read(struct core *core, enum list_kind kind, const struct list_page *page,
	  struct list *list_r);

/* The cursor of the page that starts after `key`. */
const char *
list_cursor(struct core *core, enum list_kind kind, const struct list_key *key);

/* What a page shows of the rows of a read. */
struct list_span {
	size_t count;  /* the first so many */
	bool has_more; /* there is another page … */
	size_t last;   /* … and it starts after the key of this row */
};

struct list_span
list_span(const struct list *list, const struct db_rows *rows);

/* Writes {"items":[ to `body`. */
void
list_begin(struct jout *out, struct buf *body);

/* Closes the array, writes next_cursor and closes the object. `last` is the key after which the
 * next page starts, if there is one. */
void
list_end(struct core *core, struct jout *out, enum list_kind kind, bool has_more,
	 const struct list_key *last);

/* The parameters of a read: the parts of the key after which the page starts (NULL on the first
 * page), and the number of rows to ask for. */
const int64_t *
list_at(const struct list *list);
const int64_t *
list_number(const struct list *list);
const struct uuid *
list_uuid(const struct list *list);
int64_t
list_rows(const struct list *list);

/* --- whole documents; `render` writes each row --- */

typedef void
list_render(struct jout *out, const struct db_rows *rows, size_t row);

/* The key is the number in `column`. */
void
list_render_numbered(struct core *core, const struct list *list, const struct db_rows *rows,
		     const char *column, list_render *render, struct buf *body);

/* The key is the time in `at_column` (Unix seconds) and the number in the column "id". */
void
list_render_timed(struct core *core, const struct list *list, const struct db_rows *rows,
		  const char *at_column, list_render *render, struct buf *body);

#endif
