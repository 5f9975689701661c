/* The scoreboard and the database's clock. */
#include <config.h>

#include "host/hostmem_shared.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/text.h"

#define READ_TRIES 1000
#define FOLD_PATIENCE_MS 1000

struct hostmem_shared *hostmem_shared;

const int hostmem_bounds_ms[HOSTMEM_BUCKETS - 1] = {1,   2,   5,    10,   20,   50,   100,
						    200, 500, 1000, 2000, 5000, 10000};

static const int statuses[] = {200, 201, 202, 204, 206, 304, 400, 401, 402, 403, 404, 405, 408, 409,
			       410, 413, 414, 415, 422, 429, 431, 499, 500, 501, 502, 503, 504};
#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))
_Static_assert(STATUSES < HOSTMEM_STATUSES_MAX, "the last column is for other statuses");

/* The slot where this process counts; in the master the base slot. */
static struct hostmem_slot *own;

size_t
hostmem_status_slot(int status)
{
	for (size_t i = 0; i < STATUSES; i++) {
		if (statuses[i] == status)
			return i;
	}
	return HOSTMEM_STATUSES_MAX - 1;
}

int
hostmem_status_of(size_t slot)
{
	return slot < STATUSES ? statuses[slot] : 0;
}

void
hostmem_init(void)
{
	void *memory = mmap(NULL, sizeof(struct hostmem_shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "boxoffice: could not map host memory: %s\n", strerror(errno));
		_Exit(EXIT_FAILURE);
	}
	hostmem_shared = memory;
	own = &hostmem_shared->base;
	text_random(&hostmem_shared->seed, sizeof(hostmem_shared->seed));
	atomic_store(&hostmem_shared->revoked_round, 1);
}

/* There is one writer, so a plain load and store are enough, without a locked instruction. */
static void
bump(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + n, memory_order_relaxed);
}

/* 1 + index of the name. A new name is added. 0 when there is no room. */
static uint32_t
pool_index(const char *pool)
{
	uint32_t count = atomic_load(&hostmem_shared->pool_count);

	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(hostmem_shared->pools[i], pool) == 0)
			return i + 1;
	}
	if (count == HOSTMEM_POOLS_MAX)
		return 0;
	snprintf(hostmem_shared->pools[count], HOSTMEM_POOL_SIZE, "%s", pool);
	atomic_store(&hostmem_shared->pool_count, count + 1);
	return count + 1;
}

int
hostmem_slot_take(const char *pool)
{
	uint32_t index = pool_index(pool);

	for (int i = 0; index > 0 && i < HOSTMEM_WORKERS_MAX; i++) {
		if (atomic_load(&hostmem_shared->slots[i].pool) == 0) {
			atomic_store(&hostmem_shared->slots[i].pool, index);
			return i;
		}
	}
	return -1;
}

static struct hostmem_slot *
slot_at(int slot)
{
	assert(hostmem_shared && slot >= 0 && slot < HOSTMEM_WORKERS_MAX);
	return &hostmem_shared->slots[slot];
}

void
hostmem_slot_use(int slot)
{
	own = slot_at(slot);
}

/* struct hostmem_counts consists of counters only, because it is folded as one array. */
_Static_assert(sizeof(struct hostmem_counts) % sizeof(_Atomic uint64_t) == 0, "only counters");

void
hostmem_slot_fold(int slot)
{
	struct hostmem_slot *gone = slot_at(slot);
	_Atomic uint64_t *from = (_Atomic uint64_t *)&gone->counts;
	_Atomic uint64_t *to = (_Atomic uint64_t *)&hostmem_shared->base.counts;

	/* A reader in the middle of its sums would see a count twice or not at all. It starts again
	 * when `folds` has changed. */
	atomic_fetch_add(&hostmem_shared->folds, 1);
	for (size_t i = 0; i < sizeof(gone->counts) / sizeof(*from); i++) {
		uint64_t count = atomic_load_explicit(&from[i], memory_order_relaxed);

		if (count == 0)
			continue; /* most are zero: leave the page untouched */
		bump(&to[i], count);
		atomic_store_explicit(&from[i], 0, memory_order_relaxed);
	}
	bump(&hostmem_shared->base.requests, atomic_load(&gone->requests));
	atomic_store(&gone->requests, 0);
	atomic_store(&gone->busy_since_us, 0);
	atomic_store(&gone->is_accepting, false);
	atomic_store(&gone->pool, 0);
	atomic_fetch_add(&hostmem_shared->folds, 1);
}

void
hostmem_add(enum metric metric, uint64_t n)
{
	if (own)
		bump(&own->counts.metrics[metric], n);
}

static uint64_t
sum_metric(enum metric metric)
{
	uint64_t sum = atomic_load(&hostmem_shared->base.counts.metrics[metric]);

	for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++) {
		struct hostmem_slot *slot = &hostmem_shared->slots[i];

		if (atomic_load(&slot->pool) != 0)
			sum += atomic_load(&slot->counts.metrics[metric]);
	}
	return sum;
}

/* A fold takes a microsecond, unless the scheduler suspends the master in the middle of it. On a
 * busy machine that lasts for a while, and a master that died there never ends it. */
bool
hostmem_is_whole(uint32_t folds, int64_t *until_ms)
{
	bool is_folding = folds % 2 != 0;

	if (!is_folding && atomic_load(&hostmem_shared->folds) == folds)
		return true;
	if (*until_ms == 0)
		*until_ms = clock_mono_ms() + FOLD_PATIENCE_MS;
	if (clock_mono_ms() >= *until_ms)
		return true;
	if (is_folding)
		clock_pause_ms(1);
	return false;
}

uint64_t
hostmem_total(enum metric metric)
{
	int64_t until_ms = 0;
	uint64_t sum = 0;
	uint32_t folds;

	if (!hostmem_shared)
		return 0;
	do {
		folds = atomic_load(&hostmem_shared->folds);
		sum = sum_metric(metric);
	} while (!hostmem_is_whole(folds, &until_ms));
	return sum;
}

void
hostmem_request_begin(void)
{
	if (own)
		atomic_store_explicit(&own->busy_since_us, clock_mono_us(), memory_order_relaxed);
}

void
hostmem_request_end(void)
{
	if (own)
		atomic_store_explicit(&own->busy_since_us, 0, memory_order_relaxed);
}

void
hostmem_accept_begin(void)
{
	hostmem_request_end();
	if (own)
		atomic_store(&own->is_accepting, true);
}

bool
hostmem_is_accepting(int slot)
{
	return atomic_load(&slot_at(slot)->is_accepting);
}

static size_t
bucket_of(int64_t us)
{
	size_t i = 0;

	while (i < HOSTMEM_BUCKETS - 1 && us > (int64_t)hostmem_bounds_ms[i] * 1000)
		i++;
	return i;
}

void
hostmem_request_count(size_t route, int status, int64_t us)
{
	struct hostmem_counts *counts;

	if (!own)
		return;
	counts = &own->counts;
	if (route > HOSTMEM_ROUTE_OTHER)
		route = HOSTMEM_ROUTE_OTHER;
	if (us < 0)
		us = 0;
	bump(&counts->statuses[route][hostmem_status_slot(status)], 1);
	bump(&counts->buckets[route][bucket_of(us)], 1);
	bump(&counts->us[route], (uint64_t)us);
	bump(&own->requests, 1);
}

int64_t
hostmem_busy_since_us(int slot)
{
	return atomic_load(&slot_at(slot)->busy_since_us);
}

uint64_t
hostmem_requests(int slot)
{
	return atomic_load(&slot_at(slot)->requests);
}

uint64_t
hostmem_requests_all(void)
{
	uint64_t sum = atomic_load(&hostmem_shared->base.requests);

	for (int i = 0; i < HOSTMEM_WORKERS_MAX; i++)
		sum += hostmem_requests(i);
	return sum;
}

/*
 * The new reading goes into the copy that no reader uses, then the generation rises. A writer
 * killed in between leaves the last reading in place. A plain seqlock would stay odd and stop every
 * reader.
 */
void
hostmem_clock_set(int64_t db_us, int64_t mono_us)
{
	struct hostmem_clock *clock = &hostmem_shared->clock;
	uint64_t next = atomic_load_explicit(&clock->generation, memory_order_relaxed) + 1;

	/* A reader that sees the following stores also sees the generation of the previous call. */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&clock->copies[next % 2].db_us, db_us, memory_order_relaxed);
	atomic_store_explicit(&clock->copies[next % 2].mono_us, mono_us, memory_order_relaxed);
	atomic_store_explicit(&clock->generation, next, memory_order_release);
}

int64_t
hostmem_db_now_us(int64_t *age_us_r)
{
	struct hostmem_clock *clock = hostmem_shared ? &hostmem_shared->clock : NULL;

	for (int i = 0; clock && i < READ_TRIES; i++) {
		uint64_t generation =
			atomic_load_explicit(&clock->generation, memory_order_acquire);
		int64_t db_us, mono_us, age_us;

		if (generation == 0)
			return 0;
		db_us = atomic_load_explicit(&clock->copies[generation % 2].db_us,
					     memory_order_relaxed);
		mono_us = atomic_load_explicit(&clock->copies[generation % 2].mono_us,
					       memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&clock->generation, memory_order_relaxed) != generation)
			continue;
		age_us = clock_mono_us() - mono_us;
		if (age_us_r)
			*age_us_r = age_us;
		return db_us + age_us;
	}
	return 0;
}
