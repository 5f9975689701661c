/*
 * Sweep: writes down what the clock has decided. Readers do not depend on it: they see by the same clock
 * that a hold is over or a show is open. Only the events do, and the lists that follow them.
 */
#ifndef CORE_SHOW_SWEEP_H
#define CORE_SHOW_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct core;

/* The hold that a pass over ended holds has come to; begins with zeros. */
struct sweep_place {
	char expires_at[64]; /* as the database writes it; empty: at the beginning */
	struct uuid hold_id;
};

/* What a call over ended holds came to. */
struct sweep_holds {
	int64_t released;
	size_t seen;   /* looked at, before the transaction had all the seats that it may have */
	bool has_more; /* at once */
};

/* Releases ended holds, `limit` of them at most, behind `place`, which moves. Those whose buyer or seats
 * are busy stay for the next pass. */
MUST_USE enum err
sweep_holds(struct core *core, int64_t limit, struct sweep_place *place,
	    struct sweep_holds *swept_r);

struct sweep_shows {
	size_t found;
	int64_t opened;
	int64_t closed;
	int64_t ended;
};

/* Writes down which shows have opened, closed and, at the midnight after their end, ended; `limit` shows
 * at most. What is written down is found no more, so a search begins anew each time. */
MUST_USE enum err
sweep_shows(struct core *core, int64_t limit, struct sweep_shows *swept_r);

#endif
