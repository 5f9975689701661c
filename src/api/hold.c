/* Holds of the caller in a show. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>

#include "base/address.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/saga/hold_best.h"
#include "core/show/hold.h"
#include "core/show/show.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"

#define BEST_MAX 100    /* no show lets one buyer have more */
#define GRADE_MAX 65536 /* any text of a body: the show decides which grades there are */

struct best {
	int64_t count;
	const char *grade; /* NULL: any grade */
};

static const struct jin_field best_fields[] = {
	{.name = "count",
	 .type = JIN_I64,
	 .offset = offsetof(struct best, count),
	 .is_required = true,
	 .min = 1,
	 .max = BEST_MAX,
	 .says = "must be an integer from 1 to 100",
	 .doc = "Number of seats."},
	{.name = "grade",
	 .type = JIN_TEXT,
	 .offset = offsetof(struct best, grade),
	 .is_nullable = true,
	 .max = GRADE_MAX,
	 .doc = "Grade of the seats. Any grade unless given."},
	{.name = NULL},
};

static const struct jin_shape best_shape = {
	.name = "HoldBest", .fields = best_fields, .size = sizeof(struct best)};

struct take_input {
	struct jin_i64s seats; /* either these seats */
	bool has_seats;
	struct best best; /* or the best free ones */
	bool has_best;
	struct uuid replaces; /* with seats: a hold that these seats take the place of */
	bool has_replaces;
};

static const struct jin_field take_fields[] = {
	{.name = "seats",
	 .type = JIN_I64_SET,
	 .offset = offsetof(struct take_input, seats),
	 .given_offset = offsetof(struct take_input, has_seats),
	 .is_choice = true,
	 .min = 0,
	 .max = INT32_MAX,
	 .count_max = SHOW_SEATS_PER_TRANSACTION,
	 .is_count_open = true,
	 .doc = "Seat numbers. All of them are taken, or none."},
	{.name = "best",
	 .type = JIN_OBJECT,
	 .offset = offsetof(struct take_input, best),
	 .given_offset = offsetof(struct take_input, has_best),
	 .is_choice = true,
	 .shape = &best_shape,
	 .doc = "Instead of seats: how many of the best free seats to take."},
	{.name = "replaces",
	 .type = JIN_UUID,
	 .offset = offsetof(struct take_input, replaces),
	 .given_offset = offsetof(struct take_input, has_replaces),
	 .is_nullable = true,
	 .doc = "With seats: a live hold of the caller in this show that ends in the same step. "
		"Its seats may be among the new ones. It must not have an order."},
	{.name = NULL},
};

const struct jin_shape api_hold_take_shape = {
	.name = "HoldRequest", .fields = take_fields, .size = sizeof(struct take_input)};

static struct hold_id
id_of(const struct request *request)
{
	return (struct hold_id){.show_id = request->params[0].id,
				.hold_id = request->params[1].uuid,
				.user_id = request->user_id};
}

enum err
api_hold_take(struct core *core, const struct request *request, struct response *response)
{
	const struct take_input *input = request->input;
	const struct core_key key = api_key(request);

	core->is_till = address_is_in(request->address, core->config->booking_till_networks);
	if (input->has_seats)
		return hold_take(core, request->params[0].id, &key, &input->seats,
				 input->has_replaces ? &input->replaces : NULL, &response->status,
				 &response->body);
	/* guard: replaced by named seats */
	if (input->has_replaces)
		return fail_field(core->failure, "replaces", "can be given with seats only");
	return hold_best(core,
			 &(struct hold_wish){.show_id = request->params[0].id,
					     .key = &key,
					     .count = input->best.count,
					     .grade = input->best.grade},
			 &response->status, &response->body);
}

enum err
api_hold_read(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	return hold_read(core, &id, &response->body);
}

enum err
api_hold_list(struct core *core, const struct request *request, struct response *response)
{
	return hold_list(core, request->params[0].id, &request->user_id, &response->body);
}

enum err
api_hold_extend(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	return hold_extend(core, &id, &response->body);
}

enum err
api_hold_release(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	response->status = 204;
	return hold_release(core, &id);
}
