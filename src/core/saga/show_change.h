/*
 * Show change: how an admin changes a published show. The basis of its seats and money (event,
 * hall, layout, currency) is fixed. Prices and times are fixed once somebody has seats. A move to
 * another time is a saga in which the show's home decides, and which can never lose the hall:
 *
 *	slot_add (directory)    takes the hall at the new time as well, or hall_busy
 *	show_update (show)      decides; a refusal gives the new time back
 *	slots_drop (directory)  gives the old time back
 *
 * An interrupted change leaves the hall taken at both times. tidy_moves() gives back the time at
 * which the show is not. Changes of two admins do not mix: the second finds a newer revision than
 * it read, and begins again.
 */
#ifndef CORE_SAGA_SHOW_CHANGE_H
#define CORE_SAGA_SHOW_CHANGE_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct show_entry;

/* A start that is given, even an unchanged one, takes the current running time of the event.
 * `body`: the show as GET answers it. Refusals: not_found; show_closed (the show is closed or
 * cancelled, or prices or times change although somebody has seats); hall_busy; violations. */
MUST_USE enum err
show_change(struct core *core, int64_t show_id, const struct uuid *actor,
	    const struct show_entry *change, struct buf *body);

#endif
