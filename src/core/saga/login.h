/*
 * Log-in: an address, its account and its password. An address without an account looks the same to
 * a stranger: same answer, same time, same number of calls.
 *
 *	login_failures (directory)  counts failures of this address: too many refuse any password
 *	user_by_email (directory)   finds the account of the address
 *	user_login (account)        reads the hash to check the password against
 *	login_failed (directory)    counts a wrong password
 *	session_open (account)      opens the session, if the password is unchanged
 */
#ifndef CORE_SAGA_LOGIN_H
#define CORE_SAGA_LOGIN_H

#include "base/fail.h"

struct buf;
struct core;
struct session_client;

/* `body` as from session_open(). Refusals: bad_credentials; rate_limited after login_failures
 * failed attempts within login_window_s. */
MUST_USE enum err
login_make(struct core *core, const char *email, const char *password,
	   const struct session_client *client, struct buf *body);

#endif
