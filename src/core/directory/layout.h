/* Layout: a revision of a hall's seats. It never changes once entered. */
#ifndef CORE_DIRECTORY_LAYOUT_H
#define CORE_DIRECTORY_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct core_key;
struct layout_new;

/* {id, hall_id, sections}, through the cache. */
MUST_USE enum err
layout_read(struct core *core, int64_t layout_id, struct buf *body);

/* Enters a new revision and makes it the hall's current one. `body`: {id, hall_id, capacity}. Key
 * and trail as of a venue (venue.h). */
MUST_USE enum err
layout_create(struct core *core, const struct core_key *key, const struct layout_new *layout,
	      bool *is_replay_r, struct buf *body);

/* Appends the plan for the best seats (core/plan.h), which is made now when the layout is older
 * than the plans. */
MUST_USE enum err
layout_plan(struct core *core, int64_t layout_id, struct buf *plan);

#endif
