/* Block: seats that staff take off sale and put back, each with its reason. */
#ifndef CORE_SHOW_BLOCK_H
#define CORE_SHOW_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"
#include "core/show/show.h"

struct buf;
struct core;
struct jin_i64s;
struct list;

#define BLOCK_SEATS_MAX SHOW_SEATS_PER_TRANSACTION /* of a request */
#define BLOCK_REASON_MAX 500

struct block_request {
	int64_t show_id;
	const struct jin_i64s *seats;
	const char *reason;
	struct uuid actor;
};

/* Blocks all of the seats or none; with `is_blocked` false puts them back on sale. A seat that is so
 * already stays so (blocked: with the new reason), one whose hold is over is free. `body`: {show_id,
 * seats, changed}. Refusals: not_found, validation_failed (a seat the hall does not have),
 * seats_taken (somebody has one, or it rests). */
MUST_USE enum err
block_seats(struct core *core, const struct block_request *request, bool is_blocked,
	    struct buf *body);

/* The blocked seats of a show by number, and why they are. Refusal: not_found. */
MUST_USE enum err
block_list(struct core *core, int64_t show_id, const struct list *list, struct buf *body);

#endif
