/*
 * Layout of host memory, for the files that implement hostmem.h only: hostmem.c (scoreboard and
 * clock), hostmem_text.c (metrics as text), revoked.c, throttle.c and crowd.c.
 *
 * Several processes read and write all of it at once, and any of them may be killed between two
 * instructions. So nothing here may be locked, only exchanged.
 */
#ifndef HOST_HOSTMEM_SHARED_H
#define HOST_HOSTMEM_SHARED_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "host/hostmem.h"

#define HOSTMEM_LINE 64 /* bytes of a cache line */
#define HOSTMEM_POOLS_MAX 32
#define HOSTMEM_POOL_SIZE 32
/* The last row of routes counts requests that match no row: unknown paths. */
#define HOSTMEM_ROUTE_OTHER (HOSTMEM_ROUTES_MAX - 1)

#define HOSTMEM_REVOKED_MAX (1u << 16)
#define HOSTMEM_REVOKED_BUCKET 16 /* places in a bucket; each id has two buckets */
#define HOSTMEM_THROTTLE_MAX (1u << 14)
#define HOSTMEM_THROTTLE_PROBES 8
#define HOSTMEM_CROWD_MAX (1u << 12)

/* Counts of one process, which is the only writer. The master adds them to the base slot after the
 * process has ended. */
struct hostmem_counts {
	_Atomic uint64_t metrics[METRIC_MAX];
	_Atomic uint64_t statuses[HOSTMEM_ROUTES_MAX][HOSTMEM_STATUSES_MAX];
	_Atomic uint64_t buckets[HOSTMEM_ROUTES_MAX][HOSTMEM_BUCKETS]; /* not cumulative */
	_Atomic uint64_t us[HOSTMEM_ROUTES_MAX];                       /* sum of latencies */
};

struct hostmem_slot {
	alignas(HOSTMEM_LINE) _Atomic uint32_t pool; /* 1 + index of the name; 0: free */
	_Atomic int64_t busy_since_us;               /* clock_mono_us(); 0: idle */
	_Atomic bool is_accepting;                   /* has begun to wait for connections */
	_Atomic uint64_t requests;                   /* number of ended requests */
	alignas(HOSTMEM_LINE) struct hostmem_counts counts;
};

/* Two copies and a generation. Readers use copy (generation % 2). */
struct hostmem_clock {
	alignas(HOSTMEM_LINE) _Atomic uint64_t generation; /* 0: never set */
	struct {
		_Atomic int64_t db_us;
		_Atomic int64_t mono_us;
	} copies[2];
};

/* until_s: 0 free; > 0 Unix seconds; < 0 claimed at that monotonic second and being
 * written. */
struct hostmem_revoked {
	_Atomic uint64_t high;
	_Atomic uint64_t low;
	_Atomic int64_t until_s;
};

struct hostmem_shared {
	uint64_t seed; /* for the hashes of addresses */
	/* The master adds names and never changes one, so a reader never sees half a name. */
	char pools[HOSTMEM_POOLS_MAX][HOSTMEM_POOL_SIZE];
	_Atomic uint32_t pool_count;
	alignas(HOSTMEM_LINE) _Atomic uint32_t folds; /* odd while the master folds a slot */
	struct hostmem_clock clock;
	alignas(HOSTMEM_LINE) _Atomic uint32_t revoked_round; /* from 1; rises with each expiry */
	_Atomic uint32_t revoked_full_round;                  /* of the last refusal; 0: none */
	_Atomic uint32_t revoked_count;                       /* approximate, for the metric only */
	struct hostmem_revoked revoked[HOSTMEM_REVOKED_MAX];
	/* Mark of the address (28 bits), period (16), count (20). */
	_Atomic uint64_t throttle[HOSTMEM_THROTTLE_KINDS][HOSTMEM_THROTTLE_MAX];
	_Atomic uint64_t
		crowd[HOSTMEM_CROWD_MAX]; /* period (32 bits), count before it (16), count */
	struct hostmem_slot base;         /* totals of ended processes, and the master's own */
	struct hostmem_slot slots[HOSTMEM_WORKERS_MAX];
};

/* NULL until hostmem_init(): programs without workers count nothing. */
extern struct hostmem_shared *hostmem_shared;

/* Was nothing folded since `folds` was read, so that sums made since count each slot once? If not,
 * read again; it pauses while the master folds, and gives up after a second. `until_ms` begins
 * with 0. */
bool
hostmem_is_whole(uint32_t folds, int64_t *until_ms);

/* Column of a status in hostmem_counts.statuses. The last column is for statuses not in the
 * table. */
size_t
hostmem_status_slot(int status);

/* Status of a column; 0 for the last one. */
int
hostmem_status_of(size_t slot);

/* Upper bounds of the buckets in ms; the last bucket has none. */
extern const int hostmem_bounds_ms[HOSTMEM_BUCKETS - 1];

#endif
