/* Show: what its own home says of it. What the public sees of it is the catalog. */
#ifndef CORE_SHOW_SHOW_H
#define CORE_SHOW_SHOW_H

#include <stdint.h>

#include "base/fail.h"

struct core;
struct db_rows;

/* An empty list may mean that there is no such show: not_found. `listed`: the rows of the list. */
MUST_USE enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed);

#endif
