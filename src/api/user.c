/* The caller's own account. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/account/user.h"
#include "core/core.h"
#include "web/request.h"
#include "web/response.h"

static const struct jin_field change_fields[] = {
	{.name = "name",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct user_change, name),
	 .min = 1,
	 .max = 100,
	 .doc = "Name on tickets. Unchanged if absent."},
	{.name = "phone",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct user_change, phone),
	 .given_offset = offsetof(struct user_change, phone_is_given),
	 .is_nullable = true,
	 .min = 8,
	 .max = 16,
	 .format = "phone",
	 .doc = "Phone number: + and 7 to 15 digits. Null removes it. Unchanged if absent."},
	{.name = NULL},
};

const struct jin_shape api_user_change_shape = {.name = "ProfileRequest",
						.fields = change_fields,
						.size = sizeof(struct user_change),
						.is_change = true};

enum err
api_user_read(struct core *core, const struct request *request, struct response *response)
{
	return user_read(core, &request->user_id, &response->body);
}

enum err
api_user_change(struct core *core, const struct request *request, struct response *response)
{
	return user_change(core, &request->user_id, request->input, &response->body);
}
