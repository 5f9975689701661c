/* Sessions: refresh and log-out. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "core/account/session.h"
#include "core/core.h"
#include "web/request.h"
#include "web/response.h"

struct refresh_input {
	const char *refresh_token;
};

static const struct jin_field refresh_fields[] = {
	{.name = "refresh_token",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct refresh_input, refresh_token),
	 .is_required = true,
	 .min = 1,
	 .max = 512,
	 .doc = "The refresh token given last. It can be used once."},
	{.name = NULL},
};

const struct jin_shape api_session_refresh_shape = {
	.name = "RefreshRequest", .fields = refresh_fields, .size = sizeof(struct refresh_input)};

enum err
api_session_refresh(struct core *core, const struct request *request, struct response *response)
{
	const struct refresh_input *input = request->input;

	return session_refresh(core, input->refresh_token, &response->body);
}

enum err
api_session_close(struct core *core, const struct request *request, struct response *response)
{
	response->status = 204;
	return session_close(core, &request->user_id, &request->session_id);
}
