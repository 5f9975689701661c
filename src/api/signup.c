/* Signing up. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "api/email.h"
#include "core/core.h"
#include "core/saga/login.h"
#include "core/saga/signup.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field signup_fields[] = {
	EMAIL_FIELD(struct signup),
	{.name = "password",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct signup, password),
	 .is_required = true,
	 .min = SIGNUP_PASSWORD_MIN,
	 .max = SIGNUP_PASSWORD_MAX,
	 .words = WORDS_SECRET,
	 .doc = "Password. Only its length matters."},
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct signup, name),
	 .is_required = true,
	 .min = 1,
	 .max = 100,
	 .doc = "Name on tickets."},
	{.name = "phone",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct signup, phone),
	 .is_nullable = true,
	 .min = 8,
	 .max = 16,
	 .format = "phone",
	 .doc = "Phone number: + and 7 to 15 digits."},
	{.name = NULL},
};

const struct jin_shape api_signup_make_shape = {
	.name = "SignupRequest", .fields = signup_fields, .size = sizeof(struct signup)};

enum err
api_signup_make(struct core *core, const struct request *request, struct response *response)
{
	enum err err = login_check_wait(core, request->waited_ms);

	if (err != ERR_OK)
		return err;
	response->status = 201;
	return signup_make(core, request->input, &response->body);
}
