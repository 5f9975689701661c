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

/* A place's word, taken apart. */
struct crowd {
	uint64_t period;
	uint64_t before; /* callers of the period before */
	uint64_t now;
};

static struct crowd
crowd_of(uint64_t word)
{
	const uint64_t period = (uint32_t)(clock_mono_ms() / PERIOD_MS);
	const uint64_t age = (uint32_t)(period - (word >> PERIOD_SHIFT));
	const uint64_t now = word & COUNT_MAX, before = word >> COUNT_BITS & COUNT_MAX;

	return (struct crowd){.period = period,
			      .before = age == 0   ? before
					: age == 1 ? now
						   : 0,
			      .now = age == 0 ? now : 0};
}

static uint64_t
word_of(const struct crowd *crowd)
{
	return crowd->period << PERIOD_SHIFT | crowd->before << COUNT_BITS | crowd->now;
}

uint32_t
hostmem_crowd(int64_t what)
{
	_Atomic uint64_t *place;
	struct crowd crowd;
	uint64_t word;

	if (hostmem_shared == NULL)
		return 1;
	place = place_of(what);
	word = atomic_load(place);
	do {
		crowd = crowd_of(word);
		crowd.now += crowd.now < COUNT_MAX;
	} while (!atomic_compare_exchange_weak(place, &word, word_of(&crowd)));
	return (uint32_t)(crowd.now + crowd.before);
}

uint32_t
hostmem_crowd_size(int64_t what)
{
	struct crowd crowd;

	if (hostmem_shared == NULL)
		return 0;
	crowd = crowd_of(atomic_load(place_of(what)));
	return (uint32_t)(crowd.now + crowd.before);
}

void
hostmem_crowd_forget(int64_t what, uint32_t count)
{
	_Atomic uint64_t *place;
	struct crowd crowd;
	uint64_t word;

	if (hostmem_shared == NULL)
		return;
	place = place_of(what);
	word = atomic_load(place);
	do {
		const uint64_t older = (crowd = crowd_of(word)).before;

		crowd.before -= count < older ? count : older;
		if (count > older)
			crowd.now -= count - older < crowd.now ? count - older : crowd.now;
	} while (!atomic_compare_exchange_weak(place, &word, word_of(&crowd)));
}
