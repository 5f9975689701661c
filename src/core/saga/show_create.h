/*
 * Show creation: a saga whose deciding step, the hall's slot, comes last.
 *
 *	show_create (show)     makes a draft with copies of the facts that it needs of the directory
 *	show_runs_add (show)   adds which seats lie side by side
 *	show_seats_add (show)  adds its seats in chunks
 *	slot_take (directory)  decides: hall_busy deletes the draft
 *	show_publish (show)    makes it visible and adds it to the audit trail
 *
 * An interrupted creation leaves a draft that nobody sees. A draft with a slot is published later.
 */
#ifndef CORE_SAGA_SHOW_CREATE_H
#define CORE_SAGA_SHOW_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct show_entry;

/* `body`: the show as GET answers it. An unknown event, hall or layout is a violation of its
 * field. */
MUST_USE enum err
show_create(struct core *core, const struct uuid *actor, const struct show_entry *show,
	    struct buf *body);

#endif
