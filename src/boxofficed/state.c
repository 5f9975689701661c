#include "config.h"

#include "boxofficed/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "boxofficed/mirror.h"
#include "boxofficed/notify.h"
#include "host/hostmem.h"

#define READY_TICK_MS 10 /* between looks at workers that are being born */

void
state_init(struct state *state)
{
	memset(state, 0, sizeof(*state));
	state->watchdog_ms = notify_watchdog_ms();
	state->told_at_ms = clock_mono_ms() + STATE_EVERY_MS;
}

void
state_expect(struct state *state)
{
	state->ready_by_ms = clock_mono_ms() + STATE_PATIENCE_MS;
}

void
state_reload(struct state *state)
{
	notify_reloading();
	state->ready_by_ms = 0;
}

void
state_stop(struct state *state)
{
	notify_send("STOPPING=1\nSTATUS=waits for requests in flight");
	state->is_stopping = true;
}

/* Counts the workers of the pool, or of all pools (-1), that wait for connections. */
static int64_t
count_accepting(const struct children *children, int pool, uint32_t age)
{
	int64_t count = 0;

	for (size_t i = 0; i < children->count; i++) {
		const struct child *child = &children->items[i];

		count += child->pool != CHILD_MIRROR && (pool < 0 || child->pool == pool) &&
			 child->age == age && hostmem_is_accepting(child->slot);
	}
	return count;
}

static bool
is_ready(const struct children *children, const struct pools *pools, uint32_t age)
{
	for (size_t i = 0; i < pools->count; i++)
		if (count_accepting(children, (int)i, age) == 0)
			return false;
	return true;
}

static int64_t
count_wanted(const struct pools *pools)
{
	int64_t count = 0;

	for (size_t i = 0; i < pools->count; i++)
		count += pools->items[i].wanted->workers;
	return count;
}

/* `first` is a line in front, or empty. */
static void
tell_figures(const char *first, const struct children *children, const struct pools *pools,
	     uint32_t age)
{
	char text[384];

	snprintf(text, sizeof(text),
		 "%sSTATUS=%" PRId64 " of %" PRId64 " workers of %zu pools; %" PRIu64
		 " requests, %" PRIu64 " crashes, %" PRIu64 " stuck workers killed%s",
		 first, count_accepting(children, -1, age), count_wanted(pools), pools->count,
		 hostmem_requests_all(), hostmem_total(METRIC_WORKER_CRASHES),
		 hostmem_total(METRIC_WORKER_STUCK),
		 mirror_is_schema_older() ? "; answers 503: the schema is older than this program,"
					    " boxofficectl db migrate"
					  : "");
	notify_send(text);
}

void
state_tell(struct state *state, const struct children *children, const struct pools *pools,
	   uint32_t age)
{
	int64_t now_ms = clock_mono_ms();
	bool is_due = state->ready_by_ms != 0 &&
		      (now_ms >= state->ready_by_ms || is_ready(children, pools, age));
	bool is_due_now;

	if (state->watchdog_ms > 0 && now_ms >= state->alive_at_ms) {
		notify_send("WATCHDOG=1");
		state->alive_at_ms = now_ms + state->watchdog_ms;
	}
	is_due_now = is_due || now_ms >= state->told_at_ms ||
		     state->is_schema_older != mirror_is_schema_older();
	if (state->is_stopping || !is_due_now)
		return;
	state->is_schema_older = mirror_is_schema_older();
	tell_figures(is_due ? "READY=1\n" : "", children, pools, age);
	state->told_at_ms = now_ms + STATE_EVERY_MS;
	if (is_due)
		state->ready_by_ms = 0;
}

int
state_wait_ms(const struct state *state, int ms)
{
	return state->ready_by_ms != 0 && ms > READY_TICK_MS ? READY_TICK_MS : ms;
}
