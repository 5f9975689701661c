/*
 * Read: one object by its key, and public documents through the cache. What is cached is the body as
 * it is sent.
 */
#ifndef CORE_READ_H
#define CORE_READ_H

#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"

struct core;
struct db_rows;
struct jval;

/* Behind a read of one object, which returned `err`: no row is not_found, also for what is another's. */
MUST_USE enum err
read_found(struct core *core, enum err err, const struct db_rows *const *rows);

/* A document in a row, which our SQL made. */
const struct jval *
read_json(struct core *core, const struct db_rows *rows, size_t row, const char *column);

/* The numbers of a column, one a row. */
int64_t *
read_numbers(struct core *core, const struct db_rows *rows, const char *column);

/* The key of a document: its name and the parts it depends on, in order. */
struct read_key {
	struct buf text;
};

void
read_key_init(struct read_key *key, struct core *core, const char *name);

void
read_key_text(struct read_key *key, const char *part); /* NULL is another part than "" */

void
read_key_i64(struct read_key *key, int64_t part);

/* How long a document may be served: `soft_ms` is the promise, `hard_s` bounds how old a value can
 * be that is served while another worker fills. */
struct read_age {
	int64_t soft_ms;
	int64_t hard_s;
};

/* Of lists, pages and seat maps, for which `soft_ms` of the configuration is the promise. */
struct read_age
read_age_live(int64_t soft_ms);

/* Makes the document that is wanted, which the key names as well. */
typedef enum err
read_fill(struct core *core, const void *wanted, struct buf *body);

/* Appends the document to `body`; made by `fill` when the cache has none. A failure of `fill`, a
 * missing object included, is passed on and not cached. */
MUST_USE enum err
read_cached(struct core *core, const struct read_key *key, struct read_age age, read_fill *fill,
	    const void *wanted, struct buf *body);

#endif
