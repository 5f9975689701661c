/*
 * Drafts of shows: the steps between the draft and the published show. Each may be repeated.
 */
#ifndef CORE_SAGA_SHOW_DRAFT_H
#define CORE_SAGA_SHOW_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

/* Adds what a draft copies of its layout: the seats in chunks, each in a transaction of its own. */
MUST_USE enum err
show_draft_fill(struct core *core, int64_t show_id, int64_t layout_id, int64_t capacity);

/* Makes a draft with all its seats visible. */
MUST_USE enum err
show_draft_publish(struct core *core, int64_t show_id);

/* A draft without a slot is of no use to anybody. If this fails, boxoffice-prune deletes it
 * later. */
void
show_draft_drop(struct core *core, int64_t show_id);

/* For the batch: takes the next large draft after show `*behind` one step further. A step adds a
 * chunk of its seats; behind the last chunk it publishes the draft (`*is_finished_r`). `*behind`
 * moves to the draft when it is finished, has failed or has no hall, which its request then takes
 * or gives up. It becomes INT32_MAX when there is no draft left. */
MUST_USE enum err
show_draft_finish(struct core *core, int64_t *behind, bool *is_finished_r);

#endif
