/* Show: what its own home says of it. What the public sees of it is the catalog. */
#ifndef CORE_SHOW_SHOW_H
#define CORE_SHOW_SHOW_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct db_rows;

#define SHOW_SEATS_PER_TRANSACTION 500 /* at most: each has a lock */

/* An empty list may mean that there is no such show: not_found. `listed`: the rows of the list. */
MUST_USE enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed);

/* Cancels a show, or says again that it is. `reason` may be NULL. `body`: {state, refunds_left}.
 * Refusals: not_found, show_closed. */
MUST_USE enum err
show_cancel(struct core *core, int64_t show_id, const struct uuid *actor, const char *reason,
	    struct buf *body);

#endif
