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

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;

/* Opens a session. `body`: {access_token, token_type, expires_in, refresh_token, user}.
 * bad_credentials and its cost are the same for a wrong password and for an address nobody has;
 * rate_limited after login_failures failed attempts within login_window_s, right password or not.
 */
MUST_USE enum err
session_login(struct core *core, const char *email, const char *password, struct buf *body);

/* Exchanges a refresh token; `body` as session_login(). */
MUST_USE enum err
session_refresh(struct core *core, const char *refresh_token, struct buf *body);

/* Logs out: every token of the session is refused from now on, here at once, elsewhere within the
 * mirror's round. */
MUST_USE enum err
session_close(struct core *core, const struct uuid *user_id, const struct uuid *session_id);

/* For when host memory cannot say. */
MUST_USE enum err
session_is_revoked(struct core *core, const struct uuid *session_id, bool *is_revoked_r);

#endif
