/*
 * How many ask for the same at about the same moment, in fixed memory. A word holds the number of a
 * period, the count of that period and that of the period before it, and one exchange changes it.
 * Things that share a word share their counts: somebody then seems to be one of many, which costs
 * nothing but a choice.
 */
#include <config.h>

#include "host/hostmem_shared.h"

#include "base/clock.h"

#define PERIOD_MS 500
#define COUNT_BITS 16
#define COUNT_MAX ((UINT64_C(1) << COUNT_BITS) - 1)
#define PERIOD_SHIFT (2 * COUNT_BITS)

static _Atomic uint64_t *
place_of(int64_t what)
{
	return &hostmem_shared->crowd[(uint64_t)what % HOSTMEM_CROWD_MAX];
}

uint32_t
hostmem_crowd(int64_t what)
{
	const uint64_t period = (uint32_t)(clock_mono_ms() / PERIOD_MS);
	_Atomic uint64_t *place;
	uint64_t word, now, before;

	if (hostmem_shared == NULL)
		return 1;
	place = place_of(what);
	word = atomic_load(place);
	do {
		const uint64_t age = (uint32_t)(period - (word >> PERIOD_SHIFT));

		now = age == 0 ? word & COUNT_MAX : 0;
		before = age == 0   ? word >> COUNT_BITS & COUNT_MAX
			 : age == 1 ? word & COUNT_MAX
				    : 0;
		now += now < COUNT_MAX;
	} while (!atomic_compare_exchange_weak(
		place, &word, period << PERIOD_SHIFT | before << COUNT_BITS | now));
	return (uint32_t)(now + before);
}

void
hostmem_crowd_forget(int64_t what)
{
	if (hostmem_shared != NULL)
		atomic_store(place_of(what), 0);
}
