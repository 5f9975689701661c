/* Block: seats that staff take off sale or put back, each with a reason. */
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

#define BLOCK_SEATS_MAX SHOW_SEATS_PER_TRANSACTION /* per request */
#define BLOCK_REASON_MAX 500

struct block_request {
	int64_t show_id;
	const struct jin_i64s *seats;
	const char *reason;
	struct uuid actor;
};

/* Blocks all of the seats or none. With `is_blocked` false it puts them back on sale. A seat that
 * is in the wanted state already stays in it (a blocked seat gets the new reason). A seat whose
 * hold has ended counts as free. `body`: {show_id, seats, changed}. Refusals: not_found,
 * validation_failed (a seat that the hall does not have), seats_taken (somebody has a seat, or it
 * rests). */
MUST_USE enum err
block_seats(struct core *core, const struct block_request *request, bool is_blocked,
	    struct buf *body);

/* The blocked seats of a show by number, with their reasons. Refusal: not_found. */
MUST_USE enum err
block_list(struct core *core, int64_t show_id, const struct list *list, struct buf *body);

#endif
