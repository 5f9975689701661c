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
struct db;
struct db_params;
struct db_rows;

/* Runs the statement for one object on `db`, a connection of `core`: its row is the first of
 * `rows_r`. None: not_found, also for what is another's. */
MUST_USE enum err
read_one(struct core *core, struct db *db, const char *statement, const struct db_params *params,
	 const struct db_rows **rows_r);

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

/* Appends the document to `body`; made by `fill` when the cache has none. A failure of `fill`, a
 * missing object included, is passed on and not cached. */
MUST_USE enum err
read_cached(struct core *core, const struct read_key *key, struct read_age age,
	    enum err (*fill)(void *context, struct buf *body), void *context, struct buf *body);

#endif
