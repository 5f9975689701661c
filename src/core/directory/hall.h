/* Hall: a room of a venue, as an admin enters it. Its seats are in layout.h. */
#ifndef CORE_DIRECTORY_HALL_H
#define CORE_DIRECTORY_HALL_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

struct hall_new {
	int64_t venue_id;
	const char *name;
};

/* `actor` goes into the audit trail. `body`: {id, venue_id, name}. An unknown venue is a violation
 * of its field. */
MUST_USE enum err
hall_create(struct core *core, const struct uuid *actor, const struct hall_new *hall,
	    struct buf *body);

#endif
