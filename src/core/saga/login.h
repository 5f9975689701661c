/*
 * Log-in: an address, its account and its password. An address without an account looks the same to
 * a stranger: same answer, same time, same number of calls.
 *
 *	user_by_email (directory)   finds the account of the address
 *	user_login (account)        reads the hash to check the password against, and whether the
 *	                            account knows where the client is
 *	login_failures (directory)  counts failures of strangers: too many refuse any password
 *	login_failed                counts a wrong password: of a stranger (directory), or where the
 *	                            account knows the client (account)
 *	session_open (account)      opens the session, if the password is unchanged
 */
#ifndef CORE_SAGA_LOGIN_H
#define CORE_SAGA_LOGIN_H

#include <stdint.h>

#include "base/fail.h"

struct buf;
struct core;
struct session_client;

struct login {
	const char *email;
	const char *password;
	const struct session_client *client;
	int64_t waited_ms; /* for a worker */
};

/* `body` as from session_open(). Refusals: bad_credentials; rate_limited after login_failures
 * failed attempts within login_window_s, of all strangers or of one known client; unavailable to a
 * stranger who waited longer than login_wait_ms. */
MUST_USE enum err
login_make(struct core *core, const struct login *login, struct buf *body);

/* Refuses what waited longer than login_wait_ms. */
MUST_USE enum err
login_check_wait(struct core *core, int64_t waited_ms);

#endif
