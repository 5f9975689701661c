/*
 * Lock: of all processes on one database, on whatever host, only one has the lock of a name. It
 * lives as long as the database session in which it was taken.
 */
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

struct lock {
	const char *name;
	uint32_t session; /* the session in which it was taken; 0: none */
};

/* Takes the lock, or makes sure that it is still held. In another session it is asked for again. */
MUST_USE enum err
lock_take(struct lock *lock, struct core *core, bool *is_held_r);

/* True while the session lives in which it was taken. */
bool
lock_is_held(const struct lock *lock, const struct core *core);

#endif
