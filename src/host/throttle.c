/*
 * What an address did in this period (log-ins in a minute, sign-ups in an hour), in fixed memory. A
 * word holds a mark of the address, the number of the period and the count, and one exchange
 * changes it. When all places of an address are in use in this period, the address takes over the
 * one with the lowest count, so that the most active addresses stay known. A random seed keys the
 * marks, so that nobody can choose addresses that share a place.
 */
#include <config.h>

#include "host/hostmem_shared.h"

#include <assert.h>

#include "base/address.h"
#include "base/clock.h"

#define COUNT_BITS 20
#define PERIOD_BITS 16
#define COUNT_MAX ((UINT64_C(1) << COUNT_BITS) - 1)
#define PERIOD_MASK ((UINT64_C(1) << PERIOD_BITS) - 1)
#define MARK_SHIFT (COUNT_BITS + PERIOD_BITS)

static const int64_t periods_s[HOSTMEM_THROTTLE_KINDS] = {
	[HOSTMEM_LOGINS] = 60,
	[HOSTMEM_SIGNUPS] = 3600,
};

static uint64_t
mix(uint64_t hash)
{
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return hash ^ (hash >> 31);
}

static uint64_t
hash_address(const char *address)
{
	uint8_t network[ADDRESS_NETWORK_SIZE];
	uint64_t hash = hostmem_shared->seed;

	address_network(address, network);
	for (size_t i = 0; i < sizeof(network); i++)
		hash = mix(hash + network[i] + 1);
	return hash;
}

/* The count in `word` for this mark and period: 0 when it is of another period, -1 when it belongs
 * to another address. */
static int64_t
count_in(uint64_t word, uint64_t key)
{
	if (word >> COUNT_BITS == key)
		return (int64_t)(word & COUNT_MAX);
	return (word >> COUNT_BITS & PERIOD_MASK) == (key & PERIOD_MASK) && word != 0 ? -1 : 0;
}

/* The place to count in: the address's own, else one of another period, else the lowest count. */
static _Atomic uint64_t *
choose(enum hostmem_throttle kind, uint64_t hash, uint64_t key)
{
	_Atomic uint64_t *best = NULL;
	uint64_t best_count = UINT64_MAX;

	for (uint32_t n = 0; n < HOSTMEM_THROTTLE_PROBES; n++) {
		_Atomic uint64_t *place =
			&hostmem_shared
				 ->throttle[kind][((uint32_t)hash + n) % HOSTMEM_THROTTLE_MAX];
		uint64_t word = atomic_load(place);
		int64_t count = count_in(word, key);
		uint64_t rank = count < 0 ? word & COUNT_MAX : 0;

		if (count > 0)
			return place;
		if (rank < best_count) {
			best = place;
			best_count = rank;
		}
	}
	return best;
}

bool
hostmem_throttle(enum hostmem_throttle kind, const char *address, int64_t limit)
{
	uint64_t period = (uint64_t)(clock_mono_ms() / 1000 / periods_s[kind]) & PERIOD_MASK;
	uint64_t hash, key, word, count;
	_Atomic uint64_t *place;

	assert(hostmem_shared);
	hash = hash_address(address);
	key = (hash >> MARK_SHIFT) << PERIOD_BITS | period;
	place = choose(kind, hash, key);
	word = atomic_load(place);
	do {
		count = count_in(word, key) > 0 ? word & COUNT_MAX : 0;
		if (count < COUNT_MAX)
			count++;
	} while (!atomic_compare_exchange_weak(place, &word, key << COUNT_BITS | count));
	/* guard: limit */
	return (int64_t)count <= limit;
}

int
hostmem_throttle_wait_s(enum hostmem_throttle kind)
{
	return (int)(periods_s[kind] - clock_mono_ms() / 1000 % periods_s[kind]);
}
