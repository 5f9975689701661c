/* E-mail: maps addresses to accounts. The claim of an address decides a sign-up. */
#ifndef CORE_DIRECTORY_EMAIL_H
#define CORE_DIRECTORY_EMAIL_H

#include <stdbool.h>

#include "base/fail.h"
#include "base/uuid.h"

struct core;

/* Finds the account of an address, whatever the case of its letters. *is_found_r is false when no
 * account has it. */
MUST_USE enum err
email_find(struct core *core, const char *email, struct uuid *user_id_r, bool *is_found_r);

#endif
