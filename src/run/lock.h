/*
 * Lock: of all processes that ask for it on one database, on whatever host, one has it. It lives as
 * long as the database session in which it was taken.
 */
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

struct lock {
	const char *name;
	uint32_t session; /* of the database, in which it was taken; 0: none */
};

/* Takes the lock, or makes sure that it is still held: in another session it is asked for again. */
MUST_USE enum err
lock_take(struct lock *lock, struct core *core, bool *is_held_r);

/* Whether the session is still there in which it was taken. */
bool
lock_is_held(const struct lock *lock, const struct core *core);

#endif
