/*
 * Show change: what an admin changes of a published show. What its seats and its money are made of
 * (event, hall, layout, currency) is fixed; prices and times are fixed once somebody has seats of it.
 * A show that moves is a saga in which its own home decides, and which can lose no hall:
 *
 *	slot_add (directory)    the hall at the new time as well, or hall_busy
 *	show_update (show)      decides; a refusal gives the new time back
 *	slots_drop (directory)  gives the old time back
 *
 * Whoever is interrupted leaves the hall taken at both times, and tidy_moves() gives back the one at
 * which the show is not. Two admins do not mix: the second finds another revision than he has read,
 * and begins again.
 */
#ifndef CORE_SAGA_SHOW_CHANGE_H
#define CORE_SAGA_SHOW_CHANGE_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct show_entry;

/* A start that is given, even the same, takes the running time that its event has now. `body`: the
 * show as GET gives it. Refusals: not_found, show_closed (closed, cancelled, or prices or times of one
 * that somebody has seats of), hall_busy, violations. */
MUST_USE enum err
show_change(struct core *core, int64_t show_id, const struct uuid *actor,
	    const struct show_entry *change, struct buf *body);

#endif
