/* Slot: the time for which a show has its hall. Taking one decides whether a show is created. */
#ifndef CORE_DIRECTORY_SLOT_H
#define CORE_DIRECTORY_SLOT_H

#include <stdint.h>

#include "base/fail.h"

struct core;

/* Gives the hall of a cancelled show back. Repeating it is harmless. */
MUST_USE enum err
slot_free(struct core *core, int64_t show_id);

#endif
