#include "config.h"

#include "run/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

bool
account_become(const char *name)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (user == NULL && errno == 0)
		errno = ENOENT;
	return user != NULL && initgroups(name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 &&
	       setuid(user->pw_uid) == 0;
}
