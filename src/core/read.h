/*
 * Read: one object by its key, and public documents through the cache. The cache holds the body in
 * the form that clients get.
 */
#ifndef CORE_READ_H
#define CORE_READ_H

#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"

struct core;
struct db_rows;
struct jval;

/* Call this after a read of one object that returned `err`. No row gives not_found, also when the
 * object belongs to somebody else. */
MUST_USE enum err
read_found(struct core *core, enum err err, const struct db_rows *const *rows);

/* A document in a column, made by our SQL. NULL or no JSON is a damaged row: 500. */
MUST_USE enum err
read_json(struct core *core, const struct db_rows *rows, size_t row, const char *column,
	  const struct jval **value_r);

/* Appends the bytes of a column of the first row, a bytea that is not null. */
MUST_USE enum err
read_bytes(struct core *core, const struct db_rows *rows, const char *column, struct buf *bytes);

/* The numbers of a column, one per row. */
int64_t *
read_numbers(struct core *core, const struct db_rows *rows, const char *column);

/* The key of a document: its name and every part it depends on, in order. */
struct read_key {
	struct buf text;
};

void
read_key_init(struct read_key *key, struct core *core, const char *name);

void
read_key_text(struct read_key *key, const char *part); /* NULL and "" are different parts */

void
read_key_i64(struct read_key *key, int64_t part);

/* How long a document may be served. `soft_ms` is the promised age. `hard_s` bounds the age of a
 * value that is served while another worker fills; 0: nobody gets a value older than `soft_ms`. */
struct read_age {
	int64_t soft_ms;
	int64_t hard_s;
};

/* For lists, pages and seat maps. `soft_ms` is the configured promise. */
struct read_age
read_age_live(int64_t soft_ms);

/* For who must know what was so at most `age_ms` ago, and waits for it. 0: read now. */
struct read_age
read_age_strict(int64_t age_ms);

/* Makes the document that `wanted` describes. The key of the cache describes the same document. */
typedef enum err
read_fill(struct core *core, const void *wanted, struct buf *body);

/* Appends the document to `body`. `fill` makes it when the cache has none. A failure of `fill`,
 * such as a missing object, is passed on and not cached. */
MUST_USE enum err
read_cached(struct core *core, const struct read_key *key, struct read_age age, read_fill *fill,
	    const void *wanted, struct buf *body);

#endif
