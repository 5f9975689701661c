/* Ready: can this installation serve? */
#ifndef CORE_READY_H
#define CORE_READY_H

#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;

/* The newest migration that this program needs. A newer schema is right too: it was made for the
 * next version and still serves this one. */
#define READY_SCHEMA_VERSION 24

/* Days of the event log ahead, below which somebody should look. */
#define READY_DAYS_LEAST 3

/* How many there are. */
MUST_USE enum err
ready_days_ahead(struct core *core, int64_t *days_r);

/* unavailable when the database does not answer or its schema is older; few partitions of the event
 * log ahead are a warning in the log. */
MUST_USE enum err
ready_check(struct core *core, struct buf *body);

#endif
