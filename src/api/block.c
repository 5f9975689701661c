/* Blocks: seats that staff take off sale. */
#include "config.h"

#include <stddef.h>

#include "api/handlers.h"
#include "core/core.h"
#include "core/list.h"
#include "core/show/block.h"
#include "web/request.h"
#include "web/response.h"

struct block_input {
	struct jin_i64s seats;
	const char *reason;
};

static const struct jin_field fields[] = {
	{.name = "seats",
	 .type = JIN_I64_SET,
	 .offset = offsetof(struct block_input, seats),
	 .is_required = true,
	 .min = 0,
	 .max = INT32_MAX,
	 .count_max = BLOCK_SEATS_MAX,
	 .doc = "Seat numbers. All of them change, or none."},
	{.name = "reason",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct block_input, reason),
	 .is_required = true,
	 .min = 1,
	 .max = BLOCK_REASON_MAX,
	 .doc = "Reason that explains the change. It is kept in the audit trail."},
	{.name = NULL},
};

const struct jin_shape api_block_shape = {
	.name = "BlockRequest", .fields = fields, .size = sizeof(struct block_input)};

static enum err
set_blocks(struct core *core, const struct request *request, bool is_blocked, struct buf *body)
{
	const struct block_input *input = request->input;
	const struct block_request block = {
		.show_id = request->params[0].id,
		.seats = &input->seats,
		.reason = input->reason,
		.actor = request->user_id,
	};

	return block_seats(core, &block, is_blocked, body);
}

enum err
api_block_add(struct core *core, const struct request *request, struct response *response)
{
	response->status = 201;
	return set_blocks(core, request, true, &response->body);
}

enum err
api_block_remove(struct core *core, const struct request *request, struct response *response)
{
	return set_blocks(core, request, false, &response->body);
}

enum err
api_block_list(struct core *core, const struct request *request, struct response *response)
{
	struct list list = {.limit = 0};
	enum err err = list_read(core, LIST_BLOCKS, request->query, &list);

	if (err == ERR_OK)
		err = block_list(core, request->params[0].id, &list, &response->body);
	return err != ERR_OK
		       ? err
		       : /* guard: recorded */ api_audit_add(core, request, "blocks.read", "show");
}
