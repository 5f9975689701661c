#include "config.h"

#include "relay/consumer.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/uuid.h"
#include "core/account/own_orders.h"
#include "core/core.h"
#include "core/directory/slot.h"
#include "core/listing/recount.h"

/* Reads the id of the show from the event's entity. */
static enum err
read_show(struct core *core, const struct event *event, int64_t *show_id_r)
{
	if (text_parse_i64(event->entity, strlen(event->entity), show_id_r))
		return ERR_OK;
	return fail_log(core->failure, CODE_INTERNAL, "event %lld is of no show",
			(long long)event->id);
}

/* --- summaries: recounts the seats left by show and event --- */

static enum err
recount(struct core *core, const struct event *events, size_t count)
{
	int64_t *show_ids = arena_calloc(core->arena, count, sizeof(*show_ids));
	enum err err;

	for (size_t i = 0; i < count; i++) {
		err = read_show(core, &events[i], &show_ids[i]);
		if (err != ERR_OK)
			return err;
	}
	return recount_shows(core, show_ids, count);
}

/* --- own orders: puts documents into their owners' lists --- */

static enum err
list_orders(struct core *core, const struct event *events, size_t count)
{
	struct uuid *users = arena_calloc(core->arena, count, sizeof(*users));
	const char **orders = arena_calloc(core->arena, count, sizeof(*orders));

	for (size_t i = 0; i < count; i++) {
		if (!uuid_parse(events[i].entity, strlen(events[i].entity), &users[i]))
			return fail_log(core->failure, CODE_INTERNAL,
					"event %lld has an order of nobody",
					(long long)events[i].id);
		orders[i] = events[i].payload;
	}
	return own_orders_put(core, users, orders, count);
}

/* --- slots: a cancelled show gives its hall back --- */

static enum err
free_slots(struct core *core, const struct event *events, size_t count)
{
	int64_t show_id;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = read_show(core, &events[i], &show_id);
		if (err == ERR_OK)
			err = slot_free(core, show_id);
	}
	return err;
}

/* --- the table --- */

const struct consumer consumers[] = {
	{.name = "summaries",
	 .takes = {.home = "show",
		   .kinds = {"show.published", "show.updated", "show.cancelled"},
		   .member = "seats",
		   .part = ""},
	 .is_state = true,
	 .handle = recount,
	 .tick = recount_due},
	{.name = "own-orders",
	 .takes = {.home = "show",
		   .member = "order",
		   .entity = {"order", "user_id"},
		   .part = "order"},
	 .handle = list_orders},
	{.name = "slots",
	 .takes = {.home = "show", .kinds = {"show.cancelled"}, .part = ""},
	 .handle = free_slots},
};

const size_t consumer_count = sizeof(consumers) / sizeof(*consumers);

const struct consumer *
consumer_find(const char *name)
{
	for (size_t i = 0; i < consumer_count; i++) {
		if (strcmp(consumers[i].name, name) == 0)
			return &consumers[i];
	}
	return NULL;
}
