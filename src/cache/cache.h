/*
 * Cache: memcached, for reads that may be a second old. Losing it costs speed, never correctness:
 * every failure is a miss, after a time-out the connection is dropped and the cache is left alone
 * for retry_after_ms. Each value carries its full key and the time it was filled, so that a server
 * that answers with another key's value is noticed.
 *
 * Get-or-fill with a soft TTL: a value younger than soft_ms is served; an older one is refilled by
 * the one process that wins an `add` lock while the others serve the stale value; without any value
 * the losers wait briefly for the filler and then fill for themselves.
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

/* After fork, one per process. Never fails: a cache that cannot be had is a cache of misses. */
struct cache *
cache_new(const struct cache_options *options);

void
cache_free(struct cache *cache);

/* Fills `body` from the database; an error is passed through and nothing is stored. */
struct cache_fill {
	enum err (*fn)(void *context, struct buf *body);
	void *context;
};

/*
 * The value of `key` ([a-z0-9:_.=&-], hashed when over 200 bytes) into `body`. soft_ms 0: bypass
 * the cache. hard_s: at that age a value is gone, so nothing older is ever served. Returns what the
 * filler returned, or ERR_OK. Values over a megabyte are not kept.
 */
MUST_USE enum err
cache_get_or_fill(struct cache *cache, struct arena *arena, const char *key, int64_t soft_ms,
		  int64_t hard_s, const struct cache_fill *fill, struct buf *body);

#endif
