#include "config.h"

#include "run/lock.h"

#include "core/core.h"
#include "db/db.h"

bool
lock_is_held(const struct lock *lock, const struct core *core)
{
	return lock->session != 0 && lock->session == db_session(core->db);
}

enum err
lock_take(struct lock *lock, struct core *core, bool *is_held_r)
{
	const struct db_rows *rows;
	struct db_params params;
	enum err err;

	if (lock_is_held(lock, core)) {
		*is_held_r = true;
		return ERR_OK;
	}
	lock->session = 0;
	db_params_init(&params, core->arena);
	db_put_text(&params, lock->name);
	err = db_read(core->db, "session_lock", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	*is_held_r = db_bool(rows, 0, "is_taken");
	if (*is_held_r)
		lock->session = db_session(core->db);
	return ERR_OK;
}
