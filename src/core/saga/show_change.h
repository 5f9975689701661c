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

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"
#include "core/show/rerelease.h"
#include "json/jin.h"

struct buf;
struct core;

/* What was given: numbers that were not are 0, texts NULL, the map empty. */
struct show_change {
	int64_t event_id; /* this and the next three may only be repeated */
	int64_t hall_id;
	int64_t layout_id;
	const char *currency;
	int64_t starts_at; /* times in Unix s */
	bool has_starts_at;
	int64_t sales_open_at;
	bool has_sales_open_at;
	int64_t sales_close_at;
	bool has_sales_close_at; /* else it stays, or moves along when it was the start */
	struct jin_map prices;   /* by grade, exactly those of the show */
	int64_t max_seats_per_user;
	int64_t hold_seconds;
	struct rerelease rerelease; /* its every_s 0: not given */
};

/* A start that is given, even the same, takes the running time that its event has now. `body`: the
 * show as GET gives it. Refusals: not_found, show_closed (closed, cancelled, or prices or times of one
 * that somebody has seats of), hall_busy, violations. */
MUST_USE enum err
show_change(struct core *core, int64_t show_id, const struct uuid *actor,
	    const struct show_change *change, struct buf *body);

#endif
