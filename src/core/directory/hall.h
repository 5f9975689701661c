/* Hall: a room of a venue, as an admin enters it. Its seats are in layout.h. */
#ifndef CORE_DIRECTORY_HALL_H
#define CORE_DIRECTORY_HALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct core_key;

struct hall_new {
	int64_t venue_id;
	const char *name;
};

/* The user of `key` goes into the audit trail. `body`: {id, venue_id, name}. The same key enters it
 * once and then answers the first body again; with another body: idempotency_mismatch. An unknown
 * venue is a violation of its field. */
MUST_USE enum err
hall_create(struct core *core, const struct core_key *key, const struct hall_new *hall,
	    bool *is_replay_r, struct buf *body);

#endif
