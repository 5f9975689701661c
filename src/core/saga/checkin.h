/*
 * Check-in: a ticket opens the door once. The signature on the ticket tells whether we issued it
 * and for which show. show.ticket_check_in() decides whether it still opens the door and keeps the
 * log of the door (show.checkins).
 *
 * A ticket of a cancelled show is not found, just as it will be once its order is refunded. The
 * check ignores whether the show is today or over: performances overrun and doors open early.
 */
#ifndef CORE_SAGA_CHECKIN_H
#define CORE_SAGA_CHECKIN_H

#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* `body`: {ticket, seat, label, section, row, holder}. `holder` is the name of the account that
 * bought the ticket, read from the account's home after the check-in. A check-in is final, so
 * `holder` is null when the name cannot be read. Refusals: not_found (signature, show, void,
 * unknown), already_used (its detail tells since when). */
MUST_USE enum err
checkin_make(struct core *core, int64_t show_id, const char *code, const struct uuid *operator_id,
	     struct buf *body);

#endif
