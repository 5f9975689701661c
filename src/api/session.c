/* Sessions: refresh, log-out and the list of a user's sessions. */
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
	 .words = WORDS_SECRET,
	 .doc = "The refresh token given last."},
	{.name = NULL},
};

const struct jin_shape api_session_refresh_shape = {
	.name = "RefreshRequest", .fields = refresh_fields, .size = sizeof(struct refresh_input)};

enum err
api_session_refresh(struct core *core, const struct request *request, struct response *response)
{
	const struct refresh_input *input = request->input;
	const struct session_client client = api_client(request);

	return session_refresh(core, input->refresh_token, &client, &response->body);
}

enum err
api_session_close(struct core *core, const struct request *request, struct response *response)
{
	response->status = 204;
	return session_close(core, &request->user_id, &request->session_id);
}

enum err
api_session_list(struct core *core, const struct request *request, struct response *response)
{
	return session_list(core, &request->user_id, &request->session_id, &response->body);
}

enum err
api_session_close_others(struct core *core, const struct request *request,
			 struct response *response)
{
	response->status = 204;
	return session_close_others(core, &request->user_id, &request->session_id);
}
