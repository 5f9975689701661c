/*
 * Session: log-ins. A session is a family of refresh tokens, of which one or a few are unused. Its
 * access tokens carry its id and live so briefly that a request only looks up revocations.
 *
 * A refresh token is base64url(user id ‖ session id ‖ 32 random bytes). The user id tells the home
 * of its row. The database stores the hash of the random part. A used token may come again, from a
 * second tab or because the answer was lost, while none of its successors is used (README.md). Any
 * other secret ends the whole family, because two parties then hold a token.
 */
#ifndef CORE_ACCOUNT_SESSION_H
#define CORE_ACCOUNT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* Where a session is used, for its owner to recognise. Either may be NULL: unknown. */
struct session_client {
	const char *address; /* at most 64 characters */
	const char *agent;   /* SESSION_AGENT_MAX characters */
};

#define SESSION_AGENT_MAX 200

#define SESSION_ADDRESS_HASH_SIZE 16

/* The hash by which an account knows an address. It contains the account, so that the rows of two
 * accounts do not tell that they share an address. */
void
session_address_hash(const struct uuid *user_id, const char *address,
		     uint8_t hash_r[SESSION_ADDRESS_HASH_SIZE]);

/* The time of the database. Tokens are made and judged by this one clock. Fails with unavailable
 * when the time is not known. */
MUST_USE enum err
session_clock(struct core *core, int64_t *now_s_r);

/* Opens a session at `now_s`, unless the password has changed meanwhile: `verified_hash` is the
 * hash that the caller checked. An account with auth.sessions of them loses the one that was used
 * least recently. The account knows the address of the client from now on. `body`: {access_token,
 * token_type, expires_in, refresh_token, user}. */
MUST_USE enum err
session_open(struct core *core, const struct uuid *user_id, const char *verified_hash,
	     const struct session_client *client, int64_t now_s, struct buf *body);

/* Exchanges a refresh token. `body`: as from session_open(). Refusals: refresh_invalid;
 * rate_limited after auth.session_refreshes of the session within a minute. */
MUST_USE enum err
session_refresh(struct core *core, const char *refresh_token, const struct session_client *client,
		struct buf *body);

/* Logs out. From now on every token of the session is refused: on this machine at once, on others
 * within one round of their mirror. */
MUST_USE enum err
session_close(struct core *core, const struct uuid *user_id, const struct uuid *session_id);

/* The same for all other sessions of the user. */
MUST_USE enum err
session_close_others(struct core *core, const struct uuid *user_id, const struct uuid *session_id);

/* The live sessions of a user, the one used last first: {items: [{id, created_at, used_at, address,
 * agent, current}]}. */
MUST_USE enum err
session_list(struct core *core, const struct uuid *user_id, const struct uuid *current,
	     struct buf *body);

/* Copies all revocations into host memory, where every request looks. It only adds: a session
 * revoked there stays revoked, whatever the database says. */
MUST_USE enum err
session_mirror_revocations(struct core *core);

/* Makes a session with an access token for staff. It asks for no password, and nobody gets the
 * refresh token. */
MUST_USE enum err
session_make_token(struct core *core, const struct uuid *user_id, const char **token_r);

/* For use when host memory cannot tell. */
MUST_USE enum err
session_is_revoked(struct core *core, const struct uuid *session_id, bool *is_revoked_r);

#endif
