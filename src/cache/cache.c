/*
 * Get or fill. A process that finds no value, or one that is too old, asks for the lock of the key.
 * The lock is an `add` that expires by itself in case the winner dies. The winner fills, and the
 * others serve the old value. Without an old value they look again every few milliseconds: for the
 * value, and for the lock, which is free again if the winner had nothing to store.
 */
#include "config.h"

#include "cache/cache.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cache/cacheconn.h"
#include "host/hostmem.h"

#define FORMAT "2"        /* of values; part of every key, so that versions do not meet */
#define KEY_PLAIN_MAX 200 /* longer keys are hashed: the server takes 250 bytes with our prefix */
#define KEY_SIZE 251
#define VALUE_MAX 1000000 /* the server takes a megabyte including its own header */
#define KEPT_S 2          /* of a value that nobody may get when it is stale */
#define LOCK_TTL_S 2      /* after this another process fills beside a slow filler */
#define WAIT_MS 100       /* maximum wait for another filler's value */
#define WAIT_STEP_MS 5
#define WAIT_STEPS (WAIT_MS / WAIT_STEP_MS)
#define AHEAD_MAX_US 1000000 /* a stamp further in the future comes from a wrong clock */

struct cache {
	struct cache_options options;
	struct cacheconn conn;
};

/* Precedes each value. The full key follows it. */
struct header {
	char magic[2]; /* HEADER_MAGIC */
	char kind;     /* enum kind */
	char spare;
	uint32_t key_len;  /* in the host's byte order, like all; another order matches no key */
	int64_t filled_us; /* wall clock at the start of the fill */
	uint64_t body_len; /* of the part after the key: a truncated value does not count */
};

#define HEADER_MAGIC "BO"

enum kind {
	KIND_VALUE = 'V',
	KIND_LARGE = 'L', /* too large to keep: every process fills for itself */
};

struct cache *
cache_new(const struct cache_options *options)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		abort();
	cache->options = *options;
	cacheconn_init(&cache->conn, &cache->options);
	return cache;
}

void
cache_free(struct cache *cache)
{
	if (!cache)
		return;
	cacheconn_fini(&cache->conn);
	free(cache);
}

const char *
cache_trouble(const struct cache_options *options, struct arena *arena)
{
	const char *lines = "";
	const char *list = options->servers;

	for (size_t len, got; *(list += strspn(list, " \t")) != '\0'; list += len) {
		struct cache_options one = *options;
		struct cacheconn conn;
		char *data = NULL;

		len = strcspn(list, " \t");
		one.servers = arena_strndup(arena, list, len);
		cacheconn_init(&conn, &one);
		if (cacheconn_get(&conn, "check", &data, &got) == CACHECONN_FAILED)
			lines = arena_printf(arena, "%s%s\n", lines, conn.why);
		free(data);
		cacheconn_fini(&conn);
	}
	return lines;
}

/* --- keys and values --- */

/* One request for one key. */
struct lookup {
	struct cache *cache;
	struct arena *arena;
	const char *key;           /* as the caller passed it */
	char value_name[KEY_SIZE]; /* of the value on the server */
	char lock_name[KEY_SIZE];
	int64_t soft_us, hard_us;
};

static bool
is_plain(const char *key)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    ":_.=&-";
	size_t len = strnlen(key, KEY_PLAIN_MAX + 1);

	/* guard: plain key */
	return len <= KEY_PLAIN_MAX && strspn(key, plain) == len;
}

/* The hash needs no strength: a value names its key, and the value of another key does not
 * count. */
static void
name_keys(struct lookup *lookup)
{
	const char *prefix = lookup->cache->options.prefix;
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	if (is_plain(lookup->key)) {
		snprintf(lookup->value_name, KEY_SIZE, "%s:v" FORMAT ":%s", prefix, lookup->key);
		snprintf(lookup->lock_name, KEY_SIZE, "%s:l" FORMAT ":%s", prefix, lookup->key);
		return;
	}
	for (const char *c = lookup->key; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	snprintf(lookup->value_name, KEY_SIZE, "%s:h" FORMAT ":%016" PRIx64, prefix, hash);
	snprintf(lookup->lock_name, KEY_SIZE, "%s:m" FORMAT ":%016" PRIx64, prefix, hash);
}

enum found { FOUND_FRESH, FOUND_STALE, FOUND_LARGE, FOUND_NOTHING, FOUND_FAILURE };

/* Tells whether this is a value of the key, and how old it is. */
static enum found
judge(const struct lookup *lookup, const char *data, size_t len)
{
	size_t key_len = strlen(lookup->key);
	struct header header;
	int64_t age_us;

	if (len < sizeof(header) + key_len)
		return FOUND_NOTHING;
	memcpy(&header, data, sizeof(header));
	if (/* guard: program */ memcmp(header.magic, HEADER_MAGIC, sizeof(header.magic)) != 0 ||
	    header.key_len != key_len || header.body_len != len - sizeof(header) - key_len ||
	    /* guard: key */ memcmp(data + sizeof(header), lookup->key, key_len) != 0)
		return FOUND_NOTHING;
	age_us = clock_wall_us() - header.filled_us;
	if (age_us >= lookup->hard_us)
		return FOUND_NOTHING;
	if (/* guard: age */ age_us >= lookup->soft_us ||
	    /* guard: from the future */ age_us < -AHEAD_MAX_US)
		return header.kind == KIND_VALUE ? FOUND_STALE : FOUND_NOTHING;
	return header.kind == KIND_VALUE ? FOUND_FRESH : FOUND_LARGE;
}

/* Appends the value found to `body`. */
static enum found
look(const struct lookup *lookup, struct buf *body)
{
	size_t head = sizeof(struct header) + strlen(lookup->key), len;
	enum cacheconn_answer answer;
	enum found found;
	char *data;

	answer = cacheconn_get(&lookup->cache->conn, lookup->value_name, &data, &len);
	if (answer != CACHECONN_YES)
		return answer == CACHECONN_NO ? FOUND_NOTHING : FOUND_FAILURE;
	found = judge(lookup, data, len);
	if (found == FOUND_FRESH || found == FOUND_STALE)
		buf_put(body, data + head, len - head);
	free(data);
	return found;
}

static void
store(const struct lookup *lookup, const char *data, size_t len, int64_t filled_us, int64_t hard_s)
{
	struct header header = {
		.magic = HEADER_MAGIC,
		.kind = KIND_VALUE,
		.key_len = (uint32_t)strlen(lookup->key),
		.filled_us = filled_us,
	};
	struct buf value;

	if (len + header.key_len > VALUE_MAX) {
		header.kind = KIND_LARGE;
		len = 0;
	}
	header.body_len = len;
	buf_init(&value, lookup->arena);
	buf_put(&value, &header, sizeof(header));
	buf_put(&value, lookup->key, header.key_len);
	buf_put(&value, data, len);
	(void)cacheconn_set(&lookup->cache->conn, lookup->value_name, value.data, value.len,
			    hard_s > 0 ? hard_s : KEPT_S);
}

/* --- get or fill --- */

/* Fills and stores the result. */
static enum err
fill_and_store(const struct lookup *lookup, const struct cache_fill *fill, int64_t hard_s,
	       struct buf *body)
{
	int64_t filled_us = clock_wall_us();
	size_t start = body->len;
	enum err err = fill->fn(fill->context, body);

	if (err == ERR_OK && cacheconn_is_usable(&lookup->cache->conn))
		store(lookup, buf_text(body) + start, body->len - start, filled_us, hard_s);
	return err;
}

static bool
take_lock(const struct lookup *lookup)
{
	/* guard: one fills */
	return cacheconn_add(&lookup->cache->conn, lookup->lock_name, "1", 1, LOCK_TTL_S) ==
	       CACHECONN_YES;
}

/* Removes everything after `start`. */
static void
cut(struct buf *body, size_t start)
{
	body->len = start;
	if (body->data)
		body->data[start] = '\0';
}

/*
 * The caller has the lock. This looks once more: between a slow caller's look and its lock another
 * process may have locked, filled and unlocked. The lock is given back in any case: a filler that
 * failed must not make the others wait.
 */
static enum err
fill_locked(const struct lookup *lookup, const struct cache_fill *fill, int64_t hard_s,
	    struct buf *body)
{
	size_t start = body->len;
	enum err err = ERR_OK;

	if (look(lookup, body) == FOUND_FRESH) {
		hostmem_add(METRIC_CACHE_HITS, 1);
	} else {
		hostmem_add(METRIC_CACHE_MISSES, 1);
		cut(body, start);
		err = fill_and_store(lookup, fill, hard_s, body);
	}
	(void)cacheconn_delete(&lookup->cache->conn, lookup->lock_name);
	return err;
}

/* There is no value and another process fills. Returns true when that value came. `is_locked_r`:
 * the caller now has the lock. */
static bool
wait_for_other(const struct lookup *lookup, struct buf *body, bool *is_locked_r)
{

	*is_locked_r = false;
	for (int i = 0; i < WAIT_STEPS; i++) {
		enum found found;

		clock_pause_ms(WAIT_STEP_MS);
		found = look(lookup, body);
		if (found == FOUND_FRESH || found == FOUND_STALE)
			return true;
		if (found != FOUND_NOTHING)
			return false;
		*is_locked_r = take_lock(lookup);
		if (*is_locked_r)
			return false;
	}
	return false;
}

static enum err
fill_missing(const struct lookup *lookup, const struct cache_fill *fill, int64_t hard_s,
	     struct buf *body)
{
	bool is_locked = take_lock(lookup);

	if (!is_locked && cacheconn_is_usable(&lookup->cache->conn) &&
	    wait_for_other(lookup, body, &is_locked)) {
		hostmem_add(METRIC_CACHE_HITS, 1);
		return ERR_OK;
	}
	if (is_locked)
		return fill_locked(lookup, fill, hard_s, body);
	hostmem_add(METRIC_CACHE_MISSES, 1);
	return fill_and_store(lookup, fill, hard_s, body);
}

/* `body` has the stale value after `start`. It is served, or removed by the process that
 * refills. */
static enum err
refill_stale(const struct lookup *lookup, const struct cache_fill *fill, int64_t hard_s,
	     struct buf *body, size_t start)
{
	if (!take_lock(lookup)) {
		hostmem_add(METRIC_CACHE_STALE, 1);
		return ERR_OK;
	}
	cut(body, start);
	return fill_locked(lookup, fill, hard_s, body);
}

enum err
cache_get_or_fill(struct cache *cache, struct arena *arena, const char *key, int64_t soft_ms,
		  int64_t hard_s, const struct cache_fill *fill, struct buf *body)
{
	struct lookup lookup = {
		.cache = cache,
		.arena = arena,
		.key = key,
		.soft_us = soft_ms * 1000,
		.hard_us = hard_s > 0 ? hard_s * 1000000 : soft_ms * 1000,
	};
	size_t start = body->len;

	if (soft_ms <= 0 || !cacheconn_is_usable(&cache->conn))
		return fill->fn(fill->context, body);
	name_keys(&lookup);
	switch (look(&lookup, body)) {
	case FOUND_FRESH:
		hostmem_add(METRIC_CACHE_HITS, 1);
		return ERR_OK;
	case FOUND_STALE:
		return refill_stale(&lookup, fill, hard_s, body, start);
	case FOUND_NOTHING:
		return fill_missing(&lookup, fill, hard_s, body);
	default:
		hostmem_add(METRIC_CACHE_MISSES, 1);
		return fill->fn(fill->context, body);
	}
}
