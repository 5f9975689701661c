/*
 * Log-in: an address, its account and its password. What a stranger learns is the same for an address
 * that nobody has: answer, time and number of calls.
 *
 *	login_failures (directory)  too many of this address: refused, right password or not
 *	user_by_email (directory)   whose address it is
 *	user_login (account)        the hash that the password is checked against
 *	login_failed (directory)    counts a wrong password
 *	session_open (account)      opens the session, if the password is still that one
 */
#ifndef CORE_SAGA_LOGIN_H
#define CORE_SAGA_LOGIN_H

#include "base/fail.h"

struct buf;
struct core;

/* `body` as session_open(). Refusals: bad_credentials; rate_limited after login_failures failed
 * attempts within login_window_s. */
MUST_USE enum err
login_make(struct core *core, const char *email, const char *password, struct buf *body);

#endif
