/*
 * The best seats: a saga of one call and two reads. The plan of the show is cached. A show that was
 * made before plans were kept gets that of its layout here, once.
 */
#ifndef CORE_SAGA_HOLD_BEST_H
#define CORE_SAGA_HOLD_BEST_H

#include "base/fail.h"

struct buf;
struct core;
struct hold_wish;

/* hold_take_best() (core/show/hold.h) with the plan of the show. */
MUST_USE enum err
hold_best(struct core *core, const struct hold_wish *wish, int *status_r, struct buf *body);

#endif
