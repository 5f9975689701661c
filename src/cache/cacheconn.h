/*
 * The connection to memcached, behind four calls. Any failure drops everything and leaves the
 * servers alone for a while: a late answer must never be taken for the answer to the next question.
 *
 * Private to cache/.
 */
#ifndef CACHE_CACHECONN_H
#define CACHE_CACHECONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache_options;

struct cacheconn {
	const struct cache_options *options;
	void *handle;     /* memcached_st; NULL: created at the next use */
	int64_t retry_ms; /* clock_mono_ms(); the servers are not asked before */
	bool is_away;     /* logged already */
	char why[512];    /* it was left alone the last time */
};

enum cacheconn_answer {
	CACHECONN_YES,    /* found, added, stored */
	CACHECONN_NO,     /* not found, already there */
	CACHECONN_FAILED, /* no answer, or an answer that cannot be trusted */
};

void
cacheconn_init(struct cacheconn *conn, const struct cache_options *options);

void
cacheconn_fini(struct cacheconn *conn);

/* True when there are servers and they may be asked now. */
bool
cacheconn_is_usable(struct cacheconn *conn);

/* The caller frees `data_r`. */
enum cacheconn_answer
cacheconn_get(struct cacheconn *conn, const char *key, char **data_r, size_t *len_r);

enum cacheconn_answer
cacheconn_add(struct cacheconn *conn, const char *key, const char *data, size_t len, int64_t ttl_s);

enum cacheconn_answer
cacheconn_set(struct cacheconn *conn, const char *key, const char *data, size_t len, int64_t ttl_s);

enum cacheconn_answer
cacheconn_delete(struct cacheconn *conn, const char *key);

#endif
