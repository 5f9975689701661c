/*
 * Sweep: records the decisions of the clock. Readers do not depend on it: the same clock tells them
 * that a hold has ended or a show is open. Only the events, and the lists that follow them, depend
 * on it. It also ends the holds of cancelled shows.
 */
#ifndef CORE_SHOW_SWEEP_H
#define CORE_SHOW_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct core;

/* The hold that a pass over ended holds has reached. It begins with zeros. */
struct sweep_place {
	char expires_at[64]; /* as the database writes it; empty: from the beginning */
	struct uuid hold_id;
};

/* The result of a call of sweep_holds(). */
struct sweep_holds {
	int64_t released;
	size_t seen;   /* examined before the transaction reached its limit of seats */
	bool has_more; /* call again at once */
};

/* Releases up to `limit` ended holds after `place`, and moves `place`. Holds whose buyer or seats
 * are busy stay for the next pass. */
MUST_USE enum err
sweep_holds(struct core *core, int64_t limit, struct sweep_place *place,
	    struct sweep_holds *swept_r);

/* The same for live holds of cancelled shows, and their pending orders. */
MUST_USE enum err
sweep_holds_off(struct core *core, int64_t limit, struct sweep_place *place,
		struct sweep_holds *swept_r);

struct sweep_shows {
	size_t found;
	int64_t opened;
	int64_t closed;
	int64_t ended;
};

/* Records which shows have opened, closed or ended, for `limit` shows at most. A show ends at the
 * midnight after its end. A recorded show is not found again, so that each search starts from the
 * beginning. */
MUST_USE enum err
sweep_shows(struct core *core, int64_t limit, struct sweep_shows *swept_r);

#endif
