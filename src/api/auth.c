/* Sign-up, log-in, refresh, log-out. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/core.h"
#include "core/account/session.h"
#include "core/account/user.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field signup_fields[] = {
	{.name = "email",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_signup_input, email),
	 .is_required = true,
	 .min = 3,
	 .max = 254,
	 .format = "email",
	 .doc = "compared without case"},
	{.name = "password",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_signup_input, password),
	 .is_required = true,
	 .min = 8,
	 .max = 128,
	 .doc = "no other rule than its length"},
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_signup_input, name),
	 .is_required = true,
	 .min = 1,
	 .max = 100,
	 .doc = "as shown on tickets"},
	{.name = "phone",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_signup_input, phone),
	 .is_nullable = true,
	 .min = 8,
	 .max = 16,
	 .format = "phone",
	 .doc = "+ and 7 to 15 digits"},
	{.name = NULL},
};

static const struct jin_field login_fields[] = {
	{.name = "email",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_login_input, email),
	 .is_required = true,
	 .min = 3,
	 .max = 254,
	 .format = "email",
	 .doc = "compared without case"},
	{.name = "password",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_login_input, password),
	 .is_required = true,
	 .min = 1,
	 .max = 128,
	 .doc = "as signed up with"},
	{.name = NULL},
};

static const struct jin_field refresh_fields[] = {
	{.name = "refresh_token",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct auth_refresh_input, refresh_token),
	 .is_required = true,
	 .min = 1,
	 .max = 512,
	 .doc = "the one given last; it is good once"},
	{.name = NULL},
};

const struct jin_shape auth_signup_shape = {.name = "SignupRequest", .fields = signup_fields};
const struct jin_shape auth_login_shape = {.name = "LoginRequest", .fields = login_fields};
const struct jin_shape auth_refresh_shape = {.name = "RefreshRequest", .fields = refresh_fields};

enum err
auth_signup(struct core *core, const struct request *request, struct response *response)
{
	const struct auth_signup_input *input = request->input;
	const struct user_new user = {.email = input->email,
				      .password = input->password,
				      .name = input->name,
				      .phone = input->phone};

	response->status = 201;
	return user_signup(core, &user, &response->body);
}

enum err
auth_login(struct core *core, const struct request *request, struct response *response)
{
	const struct auth_login_input *input = request->input;

	return session_login(core, input->email, input->password, &response->body);
}

enum err
auth_refresh(struct core *core, const struct request *request, struct response *response)
{
	const struct auth_refresh_input *input = request->input;

	return session_refresh(core, input->refresh_token, &response->body);
}

enum err
auth_logout(struct core *core, const struct request *request, struct response *response)
{
	response->status = 204;
	return session_close(core, &request->user_id, &request->session_id);
}
