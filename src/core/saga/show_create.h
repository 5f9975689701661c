/*
 * Show creation: a saga whose deciding step, the hall's slot, comes last.
 *
 *	show_request (dir.)    draws its number, once for each request: a key that comes again, or a
 *	                       call repeated after a lost answer, finds it
 *	show_create (show)     makes a draft with copies of the facts that it needs of the directory
 *	plan_add (show)        copies the plan for the best seats
 *	show_seats_add (show)  adds its seats in chunks
 *	slot_take (directory)  decides: hall_busy deletes the draft
 *	show_publish (show)    makes it visible and adds it to the audit trail
 *
 * A show of more than SHOW_SEATS_AT_ONCE seats takes its slot right after the draft and is then
 * answered with 202; boxoffice-open-close-shows adds its seats and publishes it (show_draft.h).
 *
 * An interrupted creation leaves a draft that nobody sees. A draft with a slot is published later.
 */
#ifndef CORE_SAGA_SHOW_CREATE_H
#define CORE_SAGA_SHOW_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct core_key;
struct show_entry;

/* The user of `key` goes into the audit trail. `body`: the show as GET answers it; the same key
 * answers the same show as it is now. Refusals: hall_busy, idempotency_in_flight (the first request
 * with the key is still running). A large show: *status_r becomes 202 and `body` is
 * {id, state: "preparing"}. An unknown event, hall or layout is a violation of its
 * field. */
MUST_USE enum err
show_create(struct core *core, const struct core_key *key, const struct show_entry *show,
	    bool *is_replay_r, int *status_r, struct buf *body);

#endif
