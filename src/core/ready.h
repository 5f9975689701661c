/* Ready: can this installation serve? */
#ifndef CORE_READY_H
#define CORE_READY_H

#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;

/* The newest migration that this program needs. A newer schema is fine too: it belongs to the next
 * version and still serves this one. */
#define READY_SCHEMA_VERSION 55

/* When fewer days of the event log lie ahead, somebody should look. */
#define READY_DAYS_LEAST 3

/* The number of days ahead. */
MUST_USE enum err
ready_days_ahead(struct core *core, int64_t *days_r);

/* Fails with unavailable when the database does not answer, does not let us in, or its schema is
 * older; the client learns which. When few
 * partitions of the event log lie ahead, it logs a warning. */
MUST_USE enum err
ready_check(struct core *core, struct buf *body);

#endif
