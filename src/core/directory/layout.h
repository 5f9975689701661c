/* Layout: a revision of a hall's seats. It never changes once entered. */
#ifndef CORE_DIRECTORY_LAYOUT_H
#define CORE_DIRECTORY_LAYOUT_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct layout_new;

/* {id, hall_id, sections}, through the cache. */
MUST_USE enum err
layout_read(struct core *core, int64_t layout_id, struct buf *body);

/* Enters a new revision and makes it the hall's current one. `body`: {id, hall_id, capacity}. */
MUST_USE enum err
layout_create(struct core *core, const struct uuid *actor, const struct layout_new *layout,
	      struct buf *body);

#endif
