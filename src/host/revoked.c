/*
 * Revoked sessions: an open hash table. Any process adds to it, and only the mirror removes from
 * it.
 *
 * An id may lie in any place of its two buckets, and a search looks at all of them, so removing
 * needs no tombstones. A process claims a place by exchanging until_s from 0 to a negative stamp,
 * fills it, and publishes it by exchanging the stamp for the time. A process that dies in between
 * leaves a claim, which the mirror removes after a second. The mirror adds every live row of the
 * database in each round anyway, so nothing is lost for longer than that.
 *
 * A refused add is remembered by round. The mirror's expiry starts a round, and its additions
 * follow. The table counts as full until a whole round has passed without a refusal. So there is no
 * moment in which an id is missing and the workers do not ask the database.
 */
#include <config.h>

#include "host/hostmem_shared.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

#define CLAIM_MAX_S 1

struct id {
	uint64_t high;
	uint64_t low;
};

static struct id
id_of(const struct uuid *session)
{
	struct id id;

	memcpy(&id.high, session->bytes, sizeof(id.high));
	memcpy(&id.low, session->bytes + sizeof(id.high), sizeof(id.low));
	return id;
}

/*
 * The two buckets of an id, chosen by two parts of a hash. A new id goes to the emptier one, which
 * lets the table take ids until it is 87 % full. With one run of places it would be 40 %; with the
 * first bucket that has room, 55 %.
 */
static struct hostmem_revoked *
bucket(const struct id *id, int which)
{
	uint64_t hash = (id->high ^ (id->low >> 7)) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t part = (uint32_t)(which == 0 ? hash >> 48 : hash >> 32 & 0xffff);

	return &hostmem_shared->revoked[part % (HOSTMEM_REVOKED_MAX / HOSTMEM_REVOKED_BUCKET) *
					HOSTMEM_REVOKED_BUCKET];
}

/* The entry of the id; NULL when it is not there. */
static struct hostmem_revoked *
find(const struct id *id)
{
	for (uint32_t n = 0; n < 2 * HOSTMEM_REVOKED_BUCKET; n++) {
		struct hostmem_revoked *entry =
			bucket(id, n >= HOSTMEM_REVOKED_BUCKET) + n % HOSTMEM_REVOKED_BUCKET;

		if (atomic_load_explicit(&entry->until_s, memory_order_acquire) > 0 &&
		    atomic_load_explicit(&entry->high, memory_order_relaxed) == id->high &&
		    atomic_load_explicit(&entry->low, memory_order_relaxed) == id->low)
			return entry;
	}
	return NULL;
}

static int
count_free(struct hostmem_revoked *entries)
{
	int count = 0;

	for (int i = 0; i < HOSTMEM_REVOKED_BUCKET; i++)
		count += atomic_load_explicit(&entries[i].until_s, memory_order_relaxed) == 0;
	return count;
}

/* Moves the end of an existing entry to a later time. Returns false when the entry was removed
 * meanwhile. */
static bool
prolong(struct hostmem_revoked *entry, int64_t until_s)
{
	int64_t seen = atomic_load(&entry->until_s);

	while (seen > 0 && seen < until_s) {
		if (atomic_compare_exchange_weak(&entry->until_s, &seen, until_s))
			return true;
	}
	return seen > 0;
}

/* Takes a place for the id. Returns false when the place is not free. */
static bool
take(struct hostmem_revoked *entry, const struct id *id, int64_t until_s)
{
	int64_t is_free = 0;
	int64_t claim = -(clock_mono_ms() / 1000 + 1);

	if (!atomic_compare_exchange_strong(&entry->until_s, &is_free, claim))
		return false;
	atomic_store_explicit(&entry->high, id->high, memory_order_relaxed);
	atomic_store_explicit(&entry->low, id->low, memory_order_relaxed);
	/* Fails when this process slept so long that the mirror removed the claim. */
	if (!atomic_compare_exchange_strong(&entry->until_s, &claim, until_s))
		return false;
	atomic_fetch_add(&hostmem_shared->revoked_count, 1);
	return true;
}

static bool
take_one_of(struct hostmem_revoked *entries, const struct id *id, int64_t until_s)
{
	for (int i = 0; i < HOSTMEM_REVOKED_BUCKET; i++) {
		if (take(&entries[i], id, until_s))
			return true;
	}
	return false;
}

bool
hostmem_revoke(const struct uuid *session, int64_t until_unix_s)
{
	struct id id = id_of(session);
	struct hostmem_revoked *entry;
	int emptier;

	assert(hostmem_shared && until_unix_s > 0);
	entry = find(&id);
	if (entry && prolong(entry, until_unix_s))
		return true;
	emptier = count_free(bucket(&id, 1)) > count_free(bucket(&id, 0));
	if (take_one_of(bucket(&id, emptier), &id, until_unix_s) ||
	    take_one_of(bucket(&id, !emptier), &id, until_unix_s))
		return true;
	atomic_store(&hostmem_shared->revoked_full_round,
		     atomic_load(&hostmem_shared->revoked_round));
	return false;
}

bool
hostmem_is_revoked(const struct uuid *session)
{
	struct id id = id_of(session);

	return hostmem_shared && find(&id);
}

bool
hostmem_revoked_is_full(void)
{
	uint32_t full = hostmem_shared ? atomic_load(&hostmem_shared->revoked_full_round) : 0;

	return full > 0 && full + 1 >= atomic_load(&hostmem_shared->revoked_round);
}

void
hostmem_revoked_expire(int64_t now_unix_s)
{
	int64_t oldest_claim = -(clock_mono_ms() / 1000 + 1) + CLAIM_MAX_S;

	for (uint32_t i = 0; i < HOSTMEM_REVOKED_MAX; i++) {
		struct hostmem_revoked *entry = &hostmem_shared->revoked[i];
		int64_t until_s = atomic_load_explicit(&entry->until_s, memory_order_relaxed);

		if (until_s > 0 && until_s < now_unix_s) {
			if (atomic_compare_exchange_strong(&entry->until_s, &until_s, 0))
				atomic_fetch_sub(&hostmem_shared->revoked_count, 1);
		} else if (until_s < 0 && until_s > oldest_claim) {
			atomic_compare_exchange_strong(&entry->until_s, &until_s, 0);
		}
	}
	atomic_fetch_add(&hostmem_shared->revoked_round, 1);
}
