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

/* An account as a log-in finds it. */
struct found {
	struct uuid user_id;
	const char *hash; /* of its password; NULL: there is no such account */
	uint8_t address_hash[SESSION_ADDRESS_HASH_SIZE];
	bool is_known;         /* has logged in from this address before */
	int64_t failures;      /* of a known address */
	int64_t retry_after_s; /* of a known address with failures */
};

static enum err
refuse_many(struct core *core, int64_t wait_s)
{
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	core->failure->retry_after_s = wait_s < 1 ? 1 : (int)wait_s;
	return fail(core->failure, CODE_RATE_LIMITED,
		    "too many failed log-ins of this account: wait");
}

static enum err
check_strangers(struct core *core, const char *email)
{
	const struct db_rows *rows;
	enum err err = read_directory_login_failures(core, core->db, email,
						     core->config->auth_login_window_s, &rows);

	if (err != ERR_OK || /* guard: failures */ db_rows_count(rows) == 0 ||
	    db_i64(rows, 0, "failures") < core->config->auth_login_failures)
		return err;
	return refuse_many(core, db_i64(rows, 0, "retry_after_s"));
}

/* Strangers who guess passwords shut out strangers only. */
static enum err
check_throttle(struct core *core, const char *email, const struct found *found)
{
	if (!found->is_known)
		return check_strangers(core, email);
	/* guard: failures of a known address */
	if (found->failures >= core->config->auth_login_failures)
		return refuse_many(core, found->retry_after_s);
	return ERR_OK;
}

static void
read_found(const struct db_rows *rows, struct found *found)
{
	if (db_rows_count(rows) == 0)
		return;
	found->hash = db_text(rows, 0, "password_hash");
	found->is_known = db_bool(rows, 0, "is_known");
	if (!found->is_known)
		return;
	found->failures = db_i64(rows, 0, "failures");
	found->retry_after_s = found->failures > 0 ? db_i64(rows, 0, "retry_after_s") : 0;
}

/* The account of an address. For an unknown address it has an id that no account has. The hash of
 * that id is read all the same: time and number of calls must not tell whether an address is
 * known. */
static enum err
find_user(struct core *core, const struct login *login, struct found *found)
{
	const struct config *config = core->config;
	const char *address = login->client->address;
	const struct db_rows *rows;
	bool is_found;
	enum err err = email_find(core, login->email, &found->user_id, &is_found);

	if (err != ERR_OK)
		return err;
	if (!is_found)
		uuid_new(&found->user_id);
	session_address_hash(&found->user_id, address == NULL ? "" : address, found->address_hash);
	err = read_account_user_login(core, core->db, &found->user_id, found->address_hash,
				      sizeof(found->address_hash), config->auth_known_days,
				      config->auth_login_window_s, &rows);
	if (err == ERR_OK)
		read_found(rows, found);
	return err;
}

static enum err
refuse(struct core *core, const char *email, const struct found *found)
{
	const int64_t window_s = core->config->auth_login_window_s;
	struct outcome outcome;
	enum err err =
		found->is_known
			? call_account_login_failed(core, &found->user_id, found->address_hash,
						    sizeof(found->address_hash), window_s, &outcome)
			: call_directory_login_failed(core, email, window_s, &outcome);

	if (err != ERR_OK)
		return err;
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	return fail(core->failure, CODE_BAD_CREDENTIALS, "e-mail or password is wrong");
}

/* A password takes a worker of the pool for long, so a crowd soon waits for minutes. Most of it has
 * lost patience by then. Those who are told at once can come again. */
enum err
login_check_wait(struct core *core, int64_t waited_ms)
{
	/* guard: late log-in */
	if (waited_ms > core->config->auth_login_wait_ms) {
		hostmem_add(METRIC_REQUESTS_LATE, 1);
		return fail_log(core->failure, CODE_UNAVAILABLE, "waited %lld ms for a worker",
				(long long)waited_ms);
	}
	return ERR_OK;
}

enum err
login_make(struct core *core, const struct login *login, struct buf *body)
{
	const struct config *config = core->config;
	struct found found = {.hash = NULL};
	int64_t now_s = 0;
	enum err err = session_clock(core, &now_s);

	if (err == ERR_OK)
		err = find_user(core, login, &found);
	if (err == ERR_OK && !found.is_known)
		err = login_check_wait(core, login->waited_ms);
	if (err == ERR_OK)
		err = check_throttle(core, login->email, &found);
	if (err != ERR_OK)
		return err;
	/* guard: password */
	if (!password_verify(core->arena, found.hash, login->password,
			     config->auth_argon2_memory_kib, config->auth_argon2_passes))
		return refuse(core, login->email, &found);
	return session_open(core, &found.user_id, found.hash, login->client, now_s, body);
}
