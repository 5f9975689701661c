/* Logging in. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/email.h"
#include "core/account/session.h"
#include "core/core.h"
#include "core/saga/login.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"

struct login_input {
	const char *email;
	const char *password;
};

static const struct jin_field login_fields[] = {
	EMAIL_FIELD(struct login_input),
	{.name = "password",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct login_input, password),
	 .is_required = true,
	 .min = 1,
	 .max = 128,
	 .words = WORDS_SECRET,
	 .doc = "Password of the account."},
	{.name = NULL},
};

const struct jin_shape api_login_make_shape = {
	.name = "LoginRequest", .fields = login_fields, .size = sizeof(struct login_input)};

enum err
api_login_make(struct core *core, const struct request *request, struct response *response)
{
	const struct login_input *input = request->input;
	const struct session_client client = api_client(request);
	const struct login login = {
		.email = input->email,
		.password = input->password,
		.client = &client,
		.waited_ms = request->waited_ms,
	};

	return login_make(core, &login, &response->body);
}
