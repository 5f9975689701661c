/* Account: of the service, when root starts it or asks for it. */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include <stdbool.h>

/* Gives up root for the account `name` and its groups, for good. Returns false with errno set. */
bool
account_become(const char *name);

#endif
