/*
 * Session: log-ins. A session is a family of refresh tokens, of which one at a time is good; its
 * access tokens carry its id and live so briefly that only revocations are looked up.
 *
 * A refresh token is base64url(user id ‖ session id ‖ 32 random bytes): it names the home its row is
 * in; stored is the hash of the random part. One that was used already revokes the whole family,
 * since two hold it.
 */
#ifndef CORE_ACCOUNT_SESSION_H
#define CORE_ACCOUNT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* The database's time, by which tokens are made as they are judged. Unknown: unavailable. */
MUST_USE enum err
session_clock(struct core *core, int64_t *now_s_r);

/* Opens a session at `now_s`, unless the password is another one meanwhile: `verified_hash` is the one
 * that was checked. `body`: {access_token, token_type, expires_in, refresh_token, user}. */
MUST_USE enum err
session_open(struct core *core, const struct uuid *user_id, const char *verified_hash,
	     int64_t now_s, struct buf *body);

/* Exchanges a refresh token; `body` as session_open(). */
MUST_USE enum err
session_refresh(struct core *core, const char *refresh_token, struct buf *body);

/* Logs out: every token of the session is refused from now on, here at once, elsewhere within the
 * mirror's round. */
MUST_USE enum err
session_close(struct core *core, const struct uuid *user_id, const struct uuid *session_id);

/* Copies all revocations into host memory, where every request looks. Only ever adds: a session that was
 * revoked there stays so, whatever the database says. */
MUST_USE enum err
session_mirror_revocations(struct core *core);

/* A session of its own for an access token that staff makes: no password is asked for, and its refresh
 * token is known to nobody. */
MUST_USE enum err
session_make_token(struct core *core, const struct uuid *user_id, const char **token_r);

/* For when host memory cannot say. */
MUST_USE enum err
session_is_revoked(struct core *core, const struct uuid *session_id, bool *is_revoked_r);

#endif
