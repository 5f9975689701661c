/* Holds of the caller in a show. */
#include "config.h"

#include "api/handlers.h"

#include <stddef.h>
#include <string.h>

#include "core/core.h"
#include "core/show/hold.h"
#include "json/jin.h"
#include "web/request.h"
#include "web/response.h"

struct take_input {
	struct jin_i64s seats; /* either these */
	bool has_seats;
	const struct jval *best; /* or this: {count, grade?} */
};

static const struct jin_field take_fields[] = {
	{.name = "seats",
	 .type = JIN_I64_SET,
	 .offset = offsetof(struct take_input, seats),
	 .given_offset = offsetof(struct take_input, has_seats),
	 .min = 0,
	 .max = INT32_MAX,
	 .count_max = 500,
	 .doc = "seat numbers; all of them or none are taken"},
	{.name = "best",
	 .type = JIN_VALUE,
	 .offset = offsetof(struct take_input, best),
	 .doc = "or how many of the best free seats"},
	{.name = NULL},
};

const struct jin_shape api_hold_take_shape = {
	.name = "HoldRequest", .fields = take_fields, .size = sizeof(struct take_input)};

#define BEST_MAX 100 /* no show lets one buyer have more */

struct best {
	int64_t count;
	const char *grade; /* or NULL: any */
};

static enum err
read_best(struct core *core, const struct jval *value, struct best *best_r)
{
	const char *name;
	const struct jval *member;
	size_t cursor = 0;
	struct best best = {.count = 0};
	enum err err = ERR_OK;

	if (!jin_is_object(value))
		return fail_field(core->failure, "best", "must be an object");
	while (jin_object_next(value, &cursor, &name, &member)) {
		if (strcmp(name, "count") == 0 && jin_is_i64(member) && jin_i64(member) > 0 &&
		    jin_i64(member) <= BEST_MAX)
			best.count = jin_i64(member);
		else if (strcmp(name, "grade") == 0 && jin_is_text(member) &&
			 strlen(jin_text(member)) == jin_text_length(member))
			best.grade = jin_text(member);
		else if (strcmp(name, "grade") == 0)
			err = fail_field(core->failure, "best.grade", "must be a string");
		else if (strcmp(name, "count") != 0)
			err = fail_field(core->failure, "best", "has an unknown member");
	}
	if (best.count == 0)
		err = fail_field(core->failure, "best.count", "must be an integer from 1 to %d",
				 BEST_MAX);
	if (err == ERR_OK)
		*best_r = best;
	return err;
}

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

	struct best best = {.count = 0};
	enum err err;

	if (input->has_seats == (input->best != NULL))
		return fail_field(core->failure, "seats",
				  "is required unless there is best, never both");
	if (input->has_seats)
		return hold_take(core, request->params[0].id, &request->user_id, &input->seats,
				 &response->status, &response->body);
	err = read_best(core, input->best, &best);
	if (err != ERR_OK)
		return err;
	return hold_best(core, request->params[0].id, &request->user_id, best.count, best.grade,
			 &response->status, &response->body);
}

enum err
api_hold_read(struct core *core, const struct request *request, struct response *response)
{
	const struct hold_id id = id_of(request);

	return hold_read(core, &id, &response->body);
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
