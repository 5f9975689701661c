#include "config.h"

#include "web/request.h"

#include <string.h>

static const char *const role_names[ROLE_MAX] = {
	[ROLE_NONE] = "none",
	[ROLE_USER] = "user",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

static const char *const method_names[METHOD_MAX] = {
	[METHOD_GET] = "GET",       [METHOD_POST] = "POST", [METHOD_PATCH] = "PATCH",
	[METHOD_DELETE] = "DELETE", [METHOD_HEAD] = "HEAD", [METHOD_OPTIONS] = "OPTIONS",
};

const char *
role_name(enum role role)
{
	return role < ROLE_MAX ? role_names[role] : "none";
}

enum role
role_by_name(const char *name)
{
	for (enum role role = ROLE_USER; role < ROLE_MAX; role++)
		if (strcmp(role_names[role], name) == 0)
			return role;
	return ROLE_NONE;
}

const char *
method_name(enum method method)
{
	return method < METHOD_MAX ? method_names[method] : "?";
}
