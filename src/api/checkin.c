/* Check-ins: tickets at the door. */
#include "config.h"

#include <stddef.h>

#include "api/handlers.h"
#include "core/saga/checkin.h"
#include "web/request.h"
#include "web/response.h"

struct make_input {
	const char *code;
};

/* A code is any text that a scanner may have read. A text that is not a code of ours is simply not
 * found. */
static const struct jin_field make_fields[] = {
	{.name = "code",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct make_input, code),
	 .is_required = true,
	 .min = 1,
	 .max = 4000,
	 .words = WORDS_SCANNED,
	 .doc = "The code on the ticket."},
	{.name = NULL},
};

const struct jin_shape api_checkin_make_shape = {
	.name = "CheckinRequest", .fields = make_fields, .size = sizeof(struct make_input)};

enum err
api_checkin_make(struct core *core, const struct request *request, struct response *response)
{
	const struct make_input *input = request->input;

	return checkin_make(core, request->params[0].id, input->code, &request->user_id,
			    &response->body);
}
