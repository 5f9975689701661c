/*
 * Host memory: memory that the processes of one master share. It is mapped MAP_SHARED before the
 * first fork. All of it may be lost at any moment without harm to correctness.
 *
 *   scoreboard  one cache-line-aligned slot a worker: counters, request in flight, histograms
 *   db clock    the database's time and clock_mono_us() at that moment (two copies)
 *   revoked     ids of sessions whose access tokens are refused, until the token's expiry
 *   throttle    log-ins per address and minute, sign-ups per address and hour
 *   crowd       callers for the same thing at one moment
 *
 * The mirror writes the clock and removes revocations. Every process may add a revocation.
 */
#ifndef HOST_HOSTMEM_H
#define HOST_HOSTMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"

struct buf;

enum metric {
#define METRIC(suffix, name, help) METRIC_##suffix,
#include "host/metric.def"
#undef METRIC
	METRIC_MAX
};

#define HOSTMEM_ROUTES_MAX 96   /* rows of the route table */
#define HOSTMEM_STATUSES_MAX 32 /* see hostmem_status_slot() */
/* Number of buckets of the latency histograms. Bounds in ms: 1 2 5 10 20 50 100 200 500 1000 2000
 * 5000 10000 +Inf */
#define HOSTMEM_BUCKETS 14
#define HOSTMEM_WORKERS_MAX 512

/* Maps the memory. The master calls this once before it forks. It ends the process when it
 * fails. */
void
hostmem_init(void);

/* Reserves a slot for a new child (master, before fork). Returns -1 when all slots are taken. */
int
hostmem_slot_take(const char *pool);

/* In the child: counts into this slot from now on. */
void
hostmem_slot_use(int slot);

/* In the master, after reaping: adds the totals of the slot to the base slot and frees it. */
void
hostmem_slot_fold(int slot);

void
hostmem_add(enum metric metric, uint64_t n);

/* The current total over all slots. */
uint64_t
hostmem_total(enum metric metric);

/* In the child: it waits for connections from now on, and is idle. */
void
hostmem_accept_begin(void);

/* Has the child of the slot begun to wait for connections? */
bool
hostmem_is_accepting(int slot);

/* Call these around each connection, from its first byte to its last, and the first of them at the
 * birth of a worker. They show the master "busy" and "stuck since". */
void
hostmem_request_begin(void);

void
hostmem_request_end(void);

/* Counts the request by route index (position in the table) and status. A request that
 * matches no row has the index HOSTMEM_ROUTES_MAX and counts as "other". */
void
hostmem_request_count(size_t route, int status, int64_t us);

/* clock_mono_us() of the start of the slot's request; 0 when idle. */
int64_t
hostmem_busy_since_us(int slot);

/* The number of requests that ended in the slot. The master reads it to see whether a child died in
 * its first request. */
uint64_t
hostmem_requests(int slot);

/* The number of requests that have ended, of children that have gone as well. For the master alone,
 * which folds. */
uint64_t
hostmem_requests_all(void);

/* Appends everything as Prometheus text. `route_names[i]` labels route i ("GET /api/events"). */
void
hostmem_metrics(struct buf *out, const char *const *route_names, size_t route_count);

/* --- the database's clock --- */

/* Mirror: the database's time was `db_us` (Unix µs) when clock_mono_us() was `mono_us`. */
void
hostmem_clock_set(int64_t db_us, int64_t mono_us);

/* An older reading does not count: without the mirror, tokens are neither judged nor made. */
#define HOSTMEM_CLOCK_AGE_MAX_US 5000000

/* Unix µs by the database's clock; 0 when never set. `age_us_r` (may be NULL): age of the
 * reading. */
int64_t
hostmem_db_now_us(int64_t *age_us_r);

/* --- revoked sessions --- */

/* Returns false when the table is full. Then hostmem_revoked_is_full() stays true until the mirror
 * makes room, and workers ask the database. */
bool
hostmem_revoke(const struct uuid *session, int64_t until_unix_s);

bool
hostmem_is_revoked(const struct uuid *session);

bool
hostmem_revoked_is_full(void);

/* Mirror: removes revocations that ended before `now_unix_s`. The mirror adds every live revocation
 * again afterwards. */
void
hostmem_revoked_expire(int64_t now_unix_s);

/* --- what an address does --- */

enum hostmem_throttle {
	HOSTMEM_LOGINS,  /* in a minute, sign-ups included */
	HOSTMEM_SIGNUPS, /* in an hour */
	HOSTMEM_THROTTLE_KINDS
};

/* Counts one more of `address` in this period. Returns false when the count exceeds `limit`. */
bool
hostmem_throttle(enum hostmem_throttle kind, const char *address, int64_t limit);

/* Seconds until the next period begins. */
int
hostmem_throttle_wait_s(enum hostmem_throttle kind);

/* --- what many want --- */

/* Counts one more who asks for `what`. Returns how many have who are not forgotten, but at most
 * those of the last second, on this host and this one included. It may be too many, and is 1
 * without host memory. */
uint32_t
hostmem_crowd(int64_t what);

/* How many hostmem_crowd() counts now. */
uint32_t
hostmem_crowd_size(int64_t what);

/* Forgets so many of them, the oldest first. */
void
hostmem_crowd_forget(int64_t what, uint32_t count);

#endif
