/* Venue: a place with halls, as an admin enters it. */
#ifndef CORE_DIRECTORY_VENUE_H
#define CORE_DIRECTORY_VENUE_H

#include <stdbool.h>

#include "base/fail.h"

struct buf;
struct core;
struct core_key;

struct venue_new {
	const char *name;
	const char *region;
	const char *address;   /* NULL: none */
	const char *time_zone; /* NULL: Asia/Seoul */
};

/* The user of `key` goes into the audit trail. `body`: {id, name, region, address, time_zone}. The
 * same key enters it once and then answers the first body again; with another body:
 * idempotency_mismatch. */
MUST_USE enum err
venue_create(struct core *core, const struct core_key *key, const struct venue_new *venue,
	     bool *is_replay_r, struct buf *body);

#endif
