/* Venue: a place with halls, as an admin enters it. */
#ifndef CORE_DIRECTORY_VENUE_H
#define CORE_DIRECTORY_VENUE_H

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

struct venue_new {
	const char *name;
	const char *region;
	const char *address;   /* NULL: none */
	const char *time_zone; /* NULL: Asia/Seoul */
};

/* `actor` goes into the audit trail. `body`: {id, name, region, address, time_zone}. */
MUST_USE enum err
venue_create(struct core *core, const struct uuid *actor, const struct venue_new *venue,
	     struct buf *body);

#endif
