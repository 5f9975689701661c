/* Account: of the service, when root starts it or asks for it. */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include <stdbool.h>

struct buf;

/* Gives up root for the account `name` and its groups, for good. Returns false with errno set. */
bool
account_become(const char *name);

/* Work for another account. It writes its report into `out` and returns an exit status. */
typedef int
account_work(void *context, struct buf *out);

/* Does `work` in a child that has become the account `name`, and appends its report to `out`.
 * Returns its status, or -1 with errno set when the child could not become the account or did not
 * end well. What the work changes in memory stays in the child. */
int
account_ask(const char *name, account_work *work, void *context, struct buf *out);

#endif
