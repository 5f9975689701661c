/*
 * Log-ins per address and minute, in fixed memory. A word holds a mark of the address, the minute
 * and the count, and one exchange changes it. When all places of an address are in use in this
 * minute, the address takes over the one with the lowest count, so that the most active addresses
 * stay known. A random seed keys the marks, so that nobody can choose addresses that share a place.
 */
#include <config.h>

#include "host/hostmem_shared.h"

#include <assert.h>

#include "base/address.h"
#include "base/clock.h"

#define COUNT_BITS 20
#define MINUTE_BITS 16
#define COUNT_MAX ((UINT64_C(1) << COUNT_BITS) - 1)
#define MINUTE_MASK ((UINT64_C(1) << MINUTE_BITS) - 1)
#define MARK_SHIFT (COUNT_BITS + MINUTE_BITS)

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

/* The count in `word` for this mark and minute: 0 when it is of another minute, -1 when it belongs
 * to another address. */
static int64_t
count_in(uint64_t word, uint64_t key)
{
	if (word >> COUNT_BITS == key)
		return (int64_t)(word & COUNT_MAX);
	return (word >> COUNT_BITS & MINUTE_MASK) == (key & MINUTE_MASK) && word != 0 ? -1 : 0;
}

/* The place to count in: the address's own, else one of another minute, else the lowest count. */
static _Atomic uint64_t *
choose(uint64_t hash, uint64_t key)
{
	_Atomic uint64_t *best = NULL;
	uint64_t best_count = UINT64_MAX;

	for (uint32_t n = 0; n < HOSTMEM_THROTTLE_PROBES; n++) {
		_Atomic uint64_t *place =
			&hostmem_shared->throttle[((uint32_t)hash + n) % HOSTMEM_THROTTLE_MAX];
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
hostmem_throttle(const char *address, int64_t limit)
{
	uint64_t minute = (uint64_t)(clock_mono_ms() / 60000) & MINUTE_MASK;
	uint64_t hash, key, word, count;
	_Atomic uint64_t *place;

	assert(hostmem_shared);
	hash = hash_address(address);
	key = (hash >> MARK_SHIFT) << MINUTE_BITS | minute;
	place = choose(hash, key);
	word = atomic_load(place);
	do {
		count = count_in(word, key) > 0 ? word & COUNT_MAX : 0;
		if (count < COUNT_MAX)
			count++;
	} while (!atomic_compare_exchange_weak(place, &word, key << COUNT_BITS | count));
	/* guard: limit */
	return (int64_t)count <= limit;
}
