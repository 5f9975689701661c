#include "config.h"

#include "run/lock.h"

#include "core/core.h"

bool
lock_is_held(const struct lock *lock, const struct core *core)
{
	return lock->session != 0 && lock->session == core_session(core);
}

enum err
lock_take(struct lock *lock, struct core *core, bool *is_held_r)
{
	enum err err;

	if (lock_is_held(lock, core)) {
		*is_held_r = true;
		return ERR_OK;
	}
	lock->session = 0;
	err = core_lock(core, lock->name, is_held_r);
	if (err == ERR_OK && *is_held_r)
		lock->session = core_session(core);
	return err;
}
