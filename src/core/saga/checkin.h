/*
 * Check-in: a ticket at the door, once. What is printed on it decides by its signature whether it is
 * one of ours and of this show; show.ticket_check_in() decides whether it still opens the door, and
 * keeps the log of the door (show.checkins).
 *
 * A ticket of a cancelled show is not found, as it will be when its order is given back. Whether the
 * show is today or over is no question: performances overrun and doors open early.
 */
#ifndef CORE_SAGA_CHECKIN_H
#define CORE_SAGA_CHECKIN_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* `body`: {ticket, seat, label, holder}. `holder` is the name of the account that bought it, read
 * from that account's home afterwards: what is checked in stays so, and when the name cannot be read
 * it is null. Refusals: not_found (signature, show, void, unknown), already_used
 * (its detail says since when). */
MUST_USE enum err
checkin_make(struct core *core, int64_t show_id, const char *code, const struct uuid *operator_id,
	     struct buf *body);

#endif
