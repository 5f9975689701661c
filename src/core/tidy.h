/*
 * Tidy: what requests leave behind for the batches. Each may be called again, by several at once, and
 * ended anywhere.
 */
#ifndef CORE_TIDY_H
#define CORE_TIDY_H

#include <stdint.h>

#include "base/fail.h"

struct core;

/* Drafts of shows whose request died more than `age_s` seconds ago, `limit` of them at most: one that
 * has its hall is published, the others are deleted. `age_s` must be longer than any request takes. */
MUST_USE enum err
tidy_drafts(struct core *core, int64_t age_s, int64_t limit, int64_t *published_r,
	    int64_t *deleted_r);

/* Answers kept for an Idempotency-Key that are older than `age_s` seconds, about `limit` in each
 * home. A key that is still running is not touched. */
MUST_USE enum err
tidy_keys(struct core *core, int64_t age_s, int64_t limit, int64_t *pruned_r);

#endif
