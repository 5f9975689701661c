/* User: accounts. Who a caller is comes from his token; nothing here takes an id from a body. */
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
	const char *name;  /* NULL: as it is */
	const char *phone; /* NULL with phone_is_given: none from now on */
	bool phone_is_given;
};

MUST_USE enum err
user_change(struct core *core, const struct uuid *user_id, const struct user_change *change,
	    struct buf *body);

/* Role and password hash of an account, each NULL: as it is. Ends its sessions; a row of the audit trail
 * says that `actor` did it. */
MUST_USE enum err
user_change_by_staff(struct core *core, const struct uuid *user_id, const char *role,
		     const char *password_hash, const char *actor);

/* The token is good, the account is not there: as if nobody had logged in. */
MUST_USE enum err
user_gone(struct core *core);

/* The profile as clients see it, from the document of an account. */
void
user_render(struct jout *out, const struct jval *profile);

#endif
