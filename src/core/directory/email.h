/* E-mail: which address belongs to which account. The claim of an address decides a sign-up. */
#ifndef CORE_DIRECTORY_EMAIL_H
#define CORE_DIRECTORY_EMAIL_H

#include <stdbool.h>

#include "base/fail.h"
#include "base/uuid.h"

struct core;

/* Whose the address is, in any case of its letters; *is_found_r false: nobody's. */
MUST_USE enum err
email_find(struct core *core, const char *email, struct uuid *user_id_r, bool *is_found_r);

#endif
