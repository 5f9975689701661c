/*
 * Sign-up: an account and its address. The deciding step comes last:
 *
 *	user_create (account)    makes an account that nobody can log in to yet
 *	email_claim (directory)  decides: on email_taken the account is pruned later
 */
#ifndef CORE_SAGA_SIGNUP_H
#define CORE_SAGA_SIGNUP_H

#include "base/fail.h"

struct buf;
struct core;

#define SIGNUP_EMAIL_MAX 254
#define SIGNUP_PASSWORD_MIN 8
#define SIGNUP_PASSWORD_MAX 128 /* code points */

struct signup {
	const char *email;
	const char *password;
	const char *name;
	const char *phone; /* NULL: none */
};

/* `body`: the profile. Refusal: email_taken. */
MUST_USE enum err
signup_make(struct core *core, const struct signup *signup, struct buf *body);

#endif
