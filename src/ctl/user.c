/* boxofficectl user …, token: changes that staff make to accounts. All of them are audited. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/role.h"
#include "base/text.h"
#include "conf/config.h"
#include "core/account/session.h"
#include "core/account/user.h"
#include "core/directory/email.h"
#include "core/saga/signup.h"
#include "ctl/ctl.h"
#include "json/jin.h"

static int
find_user(struct ctl *ctl, const char *email, struct uuid *user_id_r)
{
	bool is_found;

	if (email_find(&ctl->core, email, user_id_r, &is_found) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look for the user");
	if (!is_found)
		return ctl_fail("nobody has the address %s", email);
	return EXIT_SUCCESS;
}

static enum err
audit(struct ctl *ctl, const char *action, const struct uuid *user_id)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(user_id, id);
	return ctl_audit_add(ctl, action, arena_printf(ctl->core.arena, "user %s", id));
}

/* Changes role and password hash. NULL leaves either unchanged. */
static int
change(struct ctl *ctl, const struct uuid *user_id, const char *role, const char *hash)
{
	if (user_change_by_staff(&ctl->core, user_id, role, hash, ctl_actor(ctl)) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not change the user");
	return EXIT_SUCCESS;
}

int
ctl_user_role(struct ctl *ctl, char **args)
{
	struct uuid user_id;
	int status;

	if (role_by_name(args[1]) == ROLE_NONE)
		return ctl_fail("\"%s\" is no role: user, operator or admin", args[1]);
	if ((status = ctl_connect_briefly(ctl)) != EXIT_SUCCESS ||
	    (status = find_user(ctl, args[0], &user_id)) != EXIT_SUCCESS)
		return status;
	return change(ctl, &user_id, args[1], NULL);
}

int
ctl_user_passwd(struct ctl *ctl, char **args)
{
	const char *password, *hash;
	struct uuid user_id;
	int status;

	if ((status = ctl_connect_briefly(ctl)) != EXIT_SUCCESS ||
	    (status = find_user(ctl, args[0], &user_id)) != EXIT_SUCCESS)
		return status;
	if (!(password = ctl_password(ctl)))
		return EXIT_FAILURE;
	if ((status = ctl_password_hash(ctl, password, &hash)) != EXIT_SUCCESS)
		return status;
	return change(ctl, &user_id, NULL, hash);
}

/* Follows the rules of a sign-up, as its route does. */
static enum err
read_arguments(struct ctl *ctl, const struct jin_pair *given, size_t count, struct signup *user_r)
{
	struct failure *failure = ctl->core.failure;

	for (size_t i = 0; i < count; i++)
		if (!text_is_utf8(given[i].value, strlen(given[i].value)))
			return fail_field(failure, given[i].name, "is not UTF-8");
	return jin_read_query(ctl->core.arena, given, count, &api_signup_make_shape, user_r,
			      failure);
}

int
ctl_user_create(struct ctl *ctl, char **args)
{
	const struct jin_pair given[] = {{"email", args[0]}, {"name", ctl->options.name}};
	struct signup user = {.password = NULL};
	const char *role = ctl->options.role;
	struct uuid user_id;
	struct buf body;
	int status;

	if (!ctl->options.name)
		return ctl_fail("an e-mail address and --name are required");
	if (read_arguments(ctl, given, 2, &user) != ERR_OK)
		return ctl_fail("%s %s", ctl->core.failure->violations->field,
				ctl->core.failure->violations->message);
	if (role && role_by_name(role) == ROLE_NONE)
		return ctl_fail("\"%s\" is no role: user, operator or admin", role);
	if (!(user.password = ctl_password(ctl)))
		return EXIT_FAILURE;
	if ((status = ctl_connect_briefly(ctl)) != EXIT_SUCCESS)
		return status;
	buf_init(&body, ctl->core.arena);
	if (signup_make(&ctl->core, &user, &body) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not make the user");
	if ((status = find_user(ctl, user.email, &user_id)) != EXIT_SUCCESS)
		return status;
	if (audit(ctl, "user.create", &user_id) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not write the audit trail");
	return role ? change(ctl, &user_id, role, NULL) : EXIT_SUCCESS;
}

int
ctl_token(struct ctl *ctl, char **args)
{
	struct uuid user_id;
	const char *token;
	int status;

	if ((status = ctl_connect_briefly(ctl)) != EXIT_SUCCESS ||
	    (status = find_user(ctl, args[0], &user_id)) != EXIT_SUCCESS)
		return status;
	if (audit(ctl, "token.make", &user_id) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not write the audit trail");
	if (session_make_token(&ctl->core, &user_id, &token) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not open a session");
	puts(token);
	return EXIT_SUCCESS;
}
