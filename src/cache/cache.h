/*
 * Cache: memcached, for reads that may be a second old. Losing it costs speed, never correctness.
 * Every failure is a miss. After a time-out the connection is dropped and the cache is left alone
 * for retry_after_ms. Each value carries its full key and the time of its fill, so that a server
 * that answers with the value of another key is noticed.
 *
 * Get-or-fill with a soft TTL: a value younger than soft_ms is served. The one process that wins an
 * `add` lock refills an older value, while the others serve the stale one. Without any value the
 * losers wait briefly for the filler and then fill for themselves.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <stdint.h>

#include "base/fail.h"

struct arena;
struct buf;
struct cache;

struct cache_options {
	const char *servers; /* separated by spaces; "" : no cache */
	const char *prefix;
	int64_t timeout_ms;
	int64_t retry_after_ms;
};

/* Call this after fork, once per process. It never fails: an unreachable cache is a cache of
 * misses. */
struct cache *
cache_new(const struct cache_options *options);

void
cache_free(struct cache *cache);

/* Asks each server for a key. Returns a line for each that does not answer, with the reason, in the
 * arena; "" when all answer. */
const char *
cache_trouble(const struct cache_options *options, struct arena *arena);

/* Fills `body` from the database. An error is passed through, and then nothing is stored. */
struct cache_fill {
	enum err (*fn)(void *context, struct buf *body);
	void *context;
};

/*
 * Appends the value of `key` ([a-z0-9:_.=&-], hashed when over 200 bytes) to `body`. soft_ms 0
 * bypasses the cache. A value disappears at the age hard_s, so nothing older is ever served. With
 * hard_s 0 that is soft_ms: the others wait for the filler, and nobody gets a stale value.
 * Returns the result of the filler, or ERR_OK. Values over a megabyte are not kept.
 */
MUST_USE enum err
cache_get_or_fill(struct cache *cache, struct arena *arena, const char *key, int64_t soft_ms,
		  int64_t hard_s, const struct cache_fill *fill, struct buf *body);

#endif
