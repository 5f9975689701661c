#include "config.h"

#include "base/role.h"

#include <stddef.h>
#include <string.h>

static const char *const names[ROLE_MAX] = {
	[ROLE_NONE] = "none",
	[ROLE_USER] = "user",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

const char *
role_name(enum role role)
{
	return role < ROLE_MAX ? names[role] : "none";
}

enum role
role_by_name(const char *name)
{
	for (enum role role = ROLE_USER; name != NULL && role < ROLE_MAX; role++)
		if (strcmp(names[role], name) == 0)
			return role;
	return ROLE_NONE;
}
