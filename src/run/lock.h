/*
 * Lock: only one of all processes on one database has the lock of a name, on whatever host they
 * run. The lock lives as long as the database session that took it.
 */
#ifndef RUN_LOCK_H
#define RUN_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

struct lock {
	const char *name;
	uint32_t session; /* the session that took it; 0: none */
};

/* Takes the lock, or makes sure that it is still held. In a new session it asks for the lock
 * again. */
MUST_USE enum err
lock_take(struct lock *lock, struct core *core, bool *is_held_r);

/* True while the session that took the lock lives. */
bool
lock_is_held(const struct lock *lock, const struct core *core);

#endif
