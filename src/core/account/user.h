/* User: accounts. The token tells who the caller is. No function here takes that id from a body. */
#ifndef CORE_ACCOUNT_USER_H
#define CORE_ACCOUNT_USER_H

#include <stdbool.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct jout;
struct jval;

MUST_USE enum err
user_read(struct core *core, const struct uuid *user_id, struct buf *body);

struct user_change {
	const char *name;  /* NULL: unchanged */
	const char *phone; /* NULL with phone_is_given: remove it */
	bool phone_is_given;
};

MUST_USE enum err
user_change(struct core *core, const struct uuid *user_id, const struct user_change *change,
	    struct buf *body);

/* Changes the role and the password hash of an account. NULL: unchanged. It ends the sessions of
 * the account and adds a row to the audit trail that names `actor`. */
MUST_USE enum err
user_change_by_staff(struct core *core, const struct uuid *user_id, const char *role,
		     const char *password_hash, const char *actor);

/* The failure for a good token whose account no longer exists: the same as without a log-in. */
MUST_USE enum err
user_gone(struct core *core);

/* Renders the profile for clients from the document of an account. */
void
user_render(struct jout *out, const struct jval *profile);

#endif
