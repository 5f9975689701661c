#include "config.h"

#include "core/account/session.h"

#include <string.h>

#include "base/address.h"
#include "base/role.h"
#include "base/text.h"
#include "call/account.h"
#include "conf/config.h"
#include "core/account/user.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jin.h"
#include "json/jout.h"

#define SECRET_SIZE 32

struct refresh {
	struct uuid user_id;
	struct uuid session_id;
	uint8_t secret[SECRET_SIZE];
};

_Static_assert(sizeof(struct refresh) == 64, "no padding: it is written as it lies in memory");

enum err
session_clock(struct core *core, int64_t *now_s_r)
{
	int64_t age_us = 0;
	int64_t now_us = hostmem_db_now_us(&age_us);

	if (now_us == 0 || age_us > HOSTMEM_CLOCK_AGE_MAX_US)
		return fail_log(core->failure, CODE_UNAVAILABLE,
				"tokens cannot be made: the database's time is not known");
	*now_s_r = now_us / 1000000;
	return ERR_OK;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* No access token outlives its session. */
static int64_t
access_ttl_s(const struct core *core, const struct jval *profile, int64_t now_s)
{
	const int64_t left_s = jin_get_i64(profile, "session_ends_at") - now_s;

	return left_s < 1 ? 1 : least(core->config->auth_access_ttl_s, left_s);
}

static enum err
render_tokens(struct core *core, const struct refresh *refresh, const struct jval *profile,
	      int64_t now_s, struct buf *body)
{
	const int64_t ttl_s = access_ttl_s(core, profile, now_s);
	const struct token token = {
		.user_id = refresh->user_id,
		.session_id = refresh->session_id,
		.role = role_by_name(jin_get_text(profile, "role")),
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

/* Refuses the access tokens of the sessions that a function ended, here and at once. When the table
 * is full, every worker asks the database until the mirror makes room. */
static enum err
note_ended(struct core *core, const struct jval *result)
{
	const struct jval *sessions = jin_get(result, "sessions");

	for (size_t i = 0; i < jin_array_length(sessions); i++) {
		const char *id = jin_text(jin_array_at(sessions, i));
		struct uuid session_id;

		if (!uuid_parse(id, strlen(id), &session_id))
			return fail_log(core->failure, CODE_INTERNAL, "a session without an id");
		hostmem_revoke(&session_id, jin_get_i64(result, "revoked_until"));
	}
	return ERR_OK;
}

/* The same for a call that may refuse. */
static enum err
accept_ended(struct core *core, enum err err, struct outcome *outcome)
{
	err = outcome_accept(core, err, outcome);
	return err != ERR_OK ? err : note_ended(core, outcome_result(outcome));
}

void
session_address_hash(const struct uuid *user_id, const char *address,
		     uint8_t hash_r[SESSION_ADDRESS_HASH_SIZE])
{
	struct {
		struct uuid user_id;
		uint8_t network[ADDRESS_NETWORK_SIZE];
	} known = {.user_id = *user_id};
	uint8_t hash[CRYPT_HASH_SIZE];

	_Static_assert(sizeof(known) == sizeof(struct uuid) + ADDRESS_NETWORK_SIZE, "no padding");
	address_network(address, known.network);
	crypt_hash(&known, sizeof(known), hash);
	memcpy(hash_r, hash, SESSION_ADDRESS_HASH_SIZE);
}

enum err
session_open(struct core *core, const struct uuid *user_id, const char *verified_hash,
	     const struct session_client *client, int64_t now_s, struct buf *body)
{
	const struct config *config = core->config;
	const bool is_placed = client->address != NULL;
	uint8_t hash[CRYPT_HASH_SIZE], address_hash[SESSION_ADDRESS_HASH_SIZE];
	struct refresh refresh = {.user_id = *user_id};
	struct outcome outcome;
	enum err err;

	uuid_new(&refresh.session_id);
	text_random(refresh.secret, SECRET_SIZE);
	crypt_hash(refresh.secret, SECRET_SIZE, hash);
	if (is_placed)
		session_address_hash(user_id, client->address, address_hash);
	err = call_account_session_open(
		core, &refresh.user_id, &refresh.session_id, hash, sizeof(hash), verified_hash,
		config->auth_refresh_ttl_s, config->auth_session_ttl_s, config->auth_access_ttl_s,
		config->auth_sessions, client->address, client->agent,
		is_placed ? address_hash : NULL, is_placed ? sizeof(address_hash) : 0, &outcome);
	err = accept_ended(core, err, &outcome);
	return err != ERR_OK ? err
			     : render_tokens(core, &refresh, outcome_result(&outcome), now_s, body);
}

/* --- refreshing and closing --- */

static bool
read_refresh(struct core *core, const char *text, struct refresh *refresh_r)
{
	size_t size;
	const uint8_t *data = text_unbase64url(core->arena, text, strlen(text), &size);

	if (data == NULL || /* guard: form of the token */ size != sizeof(*refresh_r))
		return false;
	memcpy(refresh_r, data, size);
	return true;
}

enum err
session_refresh(struct core *core, const char *refresh_token, const struct session_client *client,
		struct buf *body)
{
	const struct config *config = core->config;
	uint8_t old_hash[CRYPT_HASH_SIZE], new_hash[CRYPT_HASH_SIZE];
	struct refresh refresh;
	struct outcome outcome;
	int64_t now_s = 0;
	enum err err;

	if (!read_refresh(core, refresh_token, &refresh))
		return outcome_refuse(core, CODE_REFRESH_INVALID);
	err = session_clock(core, &now_s);
	if (err != ERR_OK)
		return err;
	crypt_hash(refresh.secret, SECRET_SIZE, old_hash);
	text_random(refresh.secret, SECRET_SIZE);
	crypt_hash(refresh.secret, SECRET_SIZE, new_hash);
	err = call_account_session_refresh(
		core, &refresh.user_id, &refresh.session_id, old_hash, sizeof(old_hash), new_hash,
		sizeof(new_hash), config->auth_refresh_ttl_s, config->auth_access_ttl_s,
		config->auth_session_ttl_s, config->auth_session_refreshes, client->address,
		client->agent, &outcome);
	if (err == ERR_OK && outcome_is(&outcome, "refresh_invalid") &&
	    outcome_result(&outcome) != NULL)
		/* guard: family */
		err = note_ended(core, outcome_result(&outcome));
	err = outcome_accept(core, err, &outcome);
	return err != ERR_OK ? err
			     : render_tokens(core, &refresh, outcome_result(&outcome), now_s, body);
}

enum err
session_close(struct core *core, const struct uuid *user_id, const struct uuid *session_id)
{
	struct outcome outcome;
	enum err err = call_account_session_close(core, user_id, session_id,
						  core->config->auth_access_ttl_s, &outcome);

	/* guard: log-out */
	return accept_ended(core, err, &outcome);
}

enum err
session_close_others(struct core *core, const struct uuid *user_id, const struct uuid *session_id)
{
	struct outcome outcome;
	enum err err = call_account_sessions_close_others(
		core, user_id, session_id, core->config->auth_access_ttl_s, &outcome);

	/* guard: log-out everywhere */
	return accept_ended(core, err, &outcome);
}

enum err
session_list(struct core *core, const struct uuid *user_id, const struct uuid *current,
	     struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_account_sessions(core, core->db, user_id, &rows);

	if (err != ERR_OK)
		return err;
	list_begin(&out, body);
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct uuid id;

		if (!db_uuid(rows, i, "session_id", &id))
			return fail_log(core->failure, CODE_INTERNAL, "a session without an id");
		jout_object(&out);
		jout_key_uuid(&out, "id", &id);
		jout_key_time(&out, "created_at", db_i64(rows, i, "created_at"));
		jout_key_time(&out, "used_at", db_i64(rows, i, "used_at"));
		jout_key_text(&out, "address", db_text(rows, i, "address"));
		jout_key_text(&out, "agent", db_text(rows, i, "agent"));
		jout_key_bool(&out, "current", uuid_is_equal(&id, current));
		jout_end(&out);
	}
	jout_end(&out);
	jout_end(&out);
	return ERR_OK;
}

enum err
session_is_revoked(struct core *core, const struct uuid *session_id, bool *is_revoked_r)
{
	const struct db_rows *rows;
	enum err err = read_account_session_revoked(core, core->db, session_id, &rows);

	if (err == ERR_OK)
		*is_revoked_r = db_rows_count(rows) == 0 || db_bool(rows, 0, "revoked");
	return err;
}

enum err
session_mirror_revocations(struct core *core)
{
	const struct db_rows *rows;
	enum err err = read_account_revocations(core, core->db, &rows);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct uuid session_id;

		if (db_uuid(rows, i, "session_id", &session_id))
			hostmem_revoke(&session_id, db_i64(rows, i, "until"));
	}
	return ERR_OK;
}

/* --- for staff --- */

enum err
session_make_token(struct core *core, const struct uuid *user_id, const char **token_r)
{
	const int64_t ttl_s = core->config->auth_access_ttl_s;
	struct token token = {.user_id = *user_id};
	uint8_t hash[CRYPT_HASH_SIZE];
	struct outcome outcome;
	int64_t now_us;
	enum err err;

	uuid_new(&token.session_id);
	text_random(hash, sizeof(hash));
	err = call_account_session_open(core, user_id, &token.session_id, hash, sizeof(hash), NULL,
					ttl_s, core->config->auth_session_ttl_s, ttl_s,
					core->config->auth_sessions, NULL, "boxofficectl", NULL, 0,
					&outcome);
	err = outcome_accept(core, err, &outcome);
	if (err == ERR_OK)
		err = core_now_us(core, &now_us);
	if (err != ERR_OK)
		return err;
	token.role = role_by_name(jin_get_text(outcome_result(&outcome), "role"));
	token.expires_at = now_us / 1000000 + ttl_s;
	if (token_make(core->arena, core->secrets, &token, now_us / 1000000, token_r) != ERR_OK)
		return fail_log(core->failure, CODE_INTERNAL, "could not make an access token");
	return ERR_OK;
}
