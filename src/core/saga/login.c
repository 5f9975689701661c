#include "config.h"

#include "core/saga/login.h"

#include "base/uuid.h"
#include "call/account.h"
#include "call/directory.h"
#include "conf/config.h"
#include "core/account/session.h"
#include "core/core.h"
#include "core/directory/email.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "host/hostmem.h"

static enum err
check_throttle(struct core *core, const char *email)
{
	const struct db_rows *rows;
	int64_t wait_s;
	enum err err = read_directory_login_failures(core, core->db, email,
						     core->config->auth_login_window_s, &rows);

	if (err != ERR_OK || /* guard: failures */ db_rows_count(rows) == 0 ||
	    db_i64(rows, 0, "failures") < core->config->auth_login_failures)
		return err;
	wait_s = db_i64(rows, 0, "retry_after_s");
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	core->failure->retry_after_s = wait_s < 1 ? 1 : (int)wait_s;
	return fail(core->failure, CODE_RATE_LIMITED,
		    "too many failed log-ins of this account: wait");
}

/* The account of an address. For an unknown address it returns an id that no account has. The
 * hash of that id is read all the same: time and number of calls must not tell whether an address
 * is known. */
static enum err
find_user(struct core *core, const char *email, struct uuid *user_id_r, const char **hash_r)
{
	const struct db_rows *rows;
	bool is_found;
	enum err err = email_find(core, email, user_id_r, &is_found);

	if (err != ERR_OK)
		return err;
	if (!is_found)
		uuid_new(user_id_r);
	err = read_account_user_login(core, core->db, user_id_r, &rows);
	if (err == ERR_OK)
		*hash_r = db_rows_count(rows) == 0 ? NULL : db_text(rows, 0, "password_hash");
	return err;
}

static enum err
refuse(struct core *core, const char *email)
{
	struct outcome outcome;
	enum err err = call_directory_login_failed(core, email, core->config->auth_login_window_s,
						   &outcome);

	if (err != ERR_OK)
		return err;
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	return fail(core->failure, CODE_BAD_CREDENTIALS, "e-mail or password is wrong");
}

enum err
login_make(struct core *core, const char *email, const char *password,
	   const struct session_client *client, struct buf *body)
{
	const struct config *config = core->config;
	const char *hash = NULL;
	struct uuid user_id;
	int64_t now_s = 0;
	enum err err = session_clock(core, &now_s);

	if (err == ERR_OK)
		err = check_throttle(core, email);
	if (err == ERR_OK)
		err = find_user(core, email, &user_id, &hash);
	if (err != ERR_OK)
		return err;
	/* guard: password */
	if (!password_verify(core->arena, hash, password, config->auth_argon2_memory_kib,
			     config->auth_argon2_passes))
		return refuse(core, email);
	return session_open(core, &user_id, hash, client, now_s, body);
}
