#include "config.h"

#include "core/account/session.h"

#include <string.h>

#include "conf/config.h"
#include "host/hostmem.h"
#include "base/text.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/account/user.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

#define SECRET_SIZE 32
#define CLOCK_AGE_MAX_US 5000000 /* the mirror is silent: nobody's time is known */

struct refresh {
	struct uuid user_id;
	struct uuid session_id;
	uint8_t secret[SECRET_SIZE];
};

_Static_assert(sizeof(struct refresh) == 64, "no padding: it is written as it lies in memory");

/* Tokens are made by the database's time, as they are judged. */
static enum err
read_clock(struct core *core, int64_t *now_s_r)
{
	int64_t age_us = 0;
	int64_t now_us = hostmem_db_now_us(&age_us);

	if (now_us == 0 || age_us > CLOCK_AGE_MAX_US)
		return fail_log(core->failure, CODE_UNAVAILABLE,
				"tokens cannot be made: the database's time is not known");
	*now_s_r = now_us / 1000000;
	return ERR_OK;
}

/* Its static name: what a token is made with. */
static const char *
role_of(const struct jval *profile)
{
	static const char *const roles[] = {"admin", "operator"};
	const char *role = jin_get_text(profile, "role");

	for (size_t i = 0; i < 2; i++)
		if (strcmp(roles[i], role) == 0)
			return roles[i];
	return "user";
}

static enum err
render_tokens(struct core *core, const struct refresh *refresh, const struct jval *profile,
	      int64_t now_s, struct buf *body)
{
	const int64_t ttl_s = core->config->auth_access_ttl_s;
	const struct token token = {
		.user_id = refresh->user_id,
		.session_id = refresh->session_id,
		.role = role_of(profile),
		.expires_at = now_s + ttl_s,
	};
	const char *access;
	struct jout out;

	if (token_make(core->arena, core->secrets, &token, now_s, &access) != ERR_OK)
		return fail_log(core->failure, CODE_INTERNAL, "could not make an access token");
	jout_init(&out, body);
	jout_object(&out);
	jout_key_text(&out, "access_token", access);
	jout_key_text(&out, "token_type", "Bearer");
	jout_key_i64(&out, "expires_in", ttl_s);
	jout_key_text(&out, "refresh_token",
		      text_base64url(core->arena, refresh, sizeof(*refresh)));
	jout_key(&out, "user");
	user_render(&out, profile);
	jout_end(&out);
	return ERR_OK;
}

/* --- logging in --- */

static enum err
check_throttle(struct core *core, const char *email)
{
	struct db_params params;
	const struct db_rows *rows;
	int64_t wait_s;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, email);
	db_put_i64(&params, core->config->auth_login_window_s);
	err = db_read(core->db, "login_failures", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK || db_rows_count(rows) == 0 ||
	    db_i64(rows, 0, "failures") < core->config->auth_login_failures)
		return err;
	wait_s = db_i64(rows, 0, "retry_after_s");
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	core->failure->retry_after_s = wait_s < 1 ? 1 : (int)wait_s;
	return fail(core->failure, CODE_RATE_LIMITED,
		    "too many failed log-ins of this account: wait");
}

/* The account of an address. Without one, a number that nobody has: the next read is made all the
 * same, so that time and number of calls say nothing. */
static enum err
find_user(struct core *core, const char *email, struct uuid *user_id_r, const char **hash_r)
{
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, email);
	err = db_read(core->db, "user_by_email", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0 || !db_uuid(rows, 0, "user_id", user_id_r))
		uuid_new(user_id_r);
	db_params_init(&params, core->arena);
	db_put_uuid(&params, user_id_r);
	err = db_read(core->db, "user_login", &params, core->arena, core->failure, &rows);
	if (err == ERR_OK)
		*hash_r = db_rows_count(rows) == 0 ? NULL : db_text(rows, 0, "password_hash");
	return err;
}

static enum err
refuse_login(struct core *core, const char *email)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, email);
	db_put_i64(&params, core->config->auth_login_window_s);
	err = outcome_call(core, "directory.login_failed", &params, &outcome);
	if (err != ERR_OK)
		return err;
	hostmem_add(METRIC_LOGINS_REFUSED, 1);
	return fail(core->failure, CODE_BAD_CREDENTIALS, "e-mail or password is wrong");
}

static enum err
open_session(struct core *core, const struct uuid *user_id, const char *verified_hash,
	     struct refresh *refresh, struct outcome *outcome)
{
	uint8_t hash[CRYPT_HASH_SIZE];
	struct db_params params;

	refresh->user_id = *user_id;
	uuid_new(&refresh->session_id);
	text_random(refresh->secret, SECRET_SIZE);
	crypt_hash(refresh->secret, SECRET_SIZE, hash);
	db_params_init(&params, core->arena);
	db_put_uuid(&params, &refresh->user_id);
	db_put_uuid(&params, &refresh->session_id);
	db_put_bytes(&params, hash, sizeof(hash));
	db_put_text(&params, verified_hash);
	db_put_i64(&params, core->config->auth_refresh_ttl_s);
	return outcome_call(core, "account.session_open", &params, outcome);
}

enum err
session_login(struct core *core, const char *email, const char *password, struct buf *body)
{
	const struct config *config = core->config;
	struct uuid user_id;
	struct refresh refresh;
	struct outcome outcome;
	const char *hash = NULL;
	int64_t now_s = 0;
	enum err err;

	err = read_clock(core, &now_s);
	if (err == ERR_OK)
		err = check_throttle(core, email);
	if (err == ERR_OK)
		err = find_user(core, email, &user_id, &hash);
	if (err != ERR_OK)
		return err;
	if (!password_verify(hash, password, config->auth_argon2_memory_kib,
			     config->auth_argon2_passes))
		return refuse_login(core, email);
	err = open_session(core, &user_id, hash, &refresh, &outcome);
	if (err == ERR_OK)
		err = outcome_check(core, &outcome);
	return err != ERR_OK ? err : render_tokens(core, &refresh, outcome.result, now_s, body);
}

/* --- what becomes of a session --- */

static void
note_revoked(const struct uuid *session_id, const struct jval *result)
{
	const int64_t until = jin_get_i64_or(result, "revoked_until", 0);

	if (until == 0 || hostmem_revoke(session_id, until))
		return;
	/* The table is full: until the mirror makes room every worker asks the database. */
}

static bool
read_refresh(struct core *core, const char *text, struct refresh *refresh_r)
{
	size_t size;
	const uint8_t *data = text_unbase64url(core->arena, text, strlen(text), &size);

	if (data == NULL || size != sizeof(*refresh_r))
		return false;
	memcpy(refresh_r, data, size);
	return true;
}

enum err
session_refresh(struct core *core, const char *refresh_token, struct buf *body)
{
	uint8_t old_hash[CRYPT_HASH_SIZE], new_hash[CRYPT_HASH_SIZE];
	struct refresh refresh;
	struct db_params params;
	struct outcome outcome;
	int64_t now_s = 0;
	enum err err;

	if (!read_refresh(core, refresh_token, &refresh))
		return outcome_refuse(core, CODE_REFRESH_INVALID);
	err = read_clock(core, &now_s);
	if (err != ERR_OK)
		return err;
	crypt_hash(refresh.secret, SECRET_SIZE, old_hash);
	text_random(refresh.secret, SECRET_SIZE);
	crypt_hash(refresh.secret, SECRET_SIZE, new_hash);
	db_params_init(&params, core->arena);
	db_put_uuid(&params, &refresh.user_id);
	db_put_uuid(&params, &refresh.session_id);
	db_put_bytes(&params, old_hash, sizeof(old_hash));
	db_put_bytes(&params, new_hash, sizeof(new_hash));
	db_put_i64(&params, core->config->auth_refresh_ttl_s);
	db_put_i64(&params, core->config->auth_access_ttl_s);
	err = outcome_call(core, "account.session_refresh", &params, &outcome);
	if (err != ERR_OK)
		return err;
	if (!outcome_is(&outcome, "ok") && outcome.result != NULL)
		note_revoked(&refresh.session_id, outcome.result);
	err = outcome_check(core, &outcome);
	return err != ERR_OK ? err : render_tokens(core, &refresh, outcome.result, now_s, body);
}

enum err
session_close(struct core *core, const struct uuid *user_id, const struct uuid *session_id)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, user_id);
	db_put_uuid(&params, session_id);
	db_put_i64(&params, core->config->auth_access_ttl_s);
	err = outcome_do(core, "account.session_close", &params, &outcome);
	if (err == ERR_OK)
		note_revoked(session_id, outcome.result);
	return err;
}

enum err
session_is_revoked(struct core *core, const struct uuid *session_id, bool *is_revoked_r)
{
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, session_id);
	err = db_read(core->db, "session_revoked", &params, core->arena, core->failure, &rows);
	if (err == ERR_OK)
		*is_revoked_r = db_rows_count(rows) == 0 || db_bool(rows, 0, "revoked");
	return err;
}
