#include "config.h"

#include "api/openapi_about.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/jout.h"
#include "web/route.h"

/* The first row whose path begins the route's path is its chapter. */
static const struct tag {
	const char *path, *name, *doc;
} tags[] = {
	{"/api/auth/", "Accounts", "Signing up, sessions, the caller's own account."},
	{"/api/me/wallet", "Wallet", "Money that was paid in before."},
	{"/api/me/orders", "Orders", "From a hold to tickets, and back."},
	{"/api/me", "Accounts", NULL},
	{"/api/shows/{id:int}/holds", "Holds", "Seats that are kept for a buyer for a while."},
	{"/api/shows/{id:int}/orders", "Orders", NULL},
	{"/api/shows/{id:int}/queue", "Waiting room", "Turns, for shows that many want."},
	{"/api/shows/{id:int}/pass", "Waiting room", NULL},
	{"/api/shows/{id:int}/checkins", "Door", "Tickets on the evening of the show."},
	{"/api/gateways/", "Payment providers", "What providers of payments tell us."},
	{"/api/admin/", "Staff", "Entering and changing the programme, and looking after it."},
	{"/api/openapi.json", "Machines", "For monitoring and for programs that write clients."},
	{"/api/", "Programme", "What is on, where, and which seats are left."},
	{"/", "Machines", NULL},
};

#define TAGS (sizeof(tags) / sizeof(tags[0]))

static const struct tag *
tag_of(const struct route *route)
{
	const struct tag *tag = tags;

	while (strncmp(route->path, tag->path, strlen(tag->path)) != 0)
		tag++;
	return tag;
}

/* Does any row that people may call belong to the chapter? */
static bool
is_used(const struct route_table *table, const struct tag *tag)
{
	for (size_t i = 0; i < table->count; i++)
		if ((table->rows[i].flags & ROUTE_PAGE) == 0 &&
		    strcmp(tag_of(&table->rows[i])->name, tag->name) == 0)
			return true;
	return false;
}

void
openapi_about_tags(struct jout *out, const struct route_table *table)
{
	jout_array(out);
	for (size_t i = 0; i < TAGS; i++) {
		if (tags[i].doc == NULL || !is_used(table, &tags[i]))
			continue;
		jout_object(out);
		jout_key_text(out, "name", tags[i].name);
		jout_key_text(out, "description", tags[i].doc);
		jout_end(out);
	}
	jout_end(out);
}

/* The first sentence, without its period. */
static const char *
summary_of(struct arena *arena, const char *doc)
{
	const char *end = strstr(doc, ". ");

	return arena_strndup(arena, doc, end != NULL ? (size_t)(end - doc) : strcspn(doc, ".\n"));
}

static const char *
description_of(struct arena *arena, const struct route *route)
{
	const struct {
		bool applies;
		const char *text;
	} rules[] = {
		{route->who > ROLE_USER, " Needs the role "},
		{route->is_owned, " To anybody but its owner it does not exist."},
		{(route->flags & ROUTE_TAKES_KEY) != 0,
		 " Repeated with the same Idempotency-Key and body, it gives the first answer "
		 "again and does nothing."},
		{route->cache == ROUTE_PUBLIC, " The answer may be a second or two old."},
	};
	struct buf text;

	buf_init(&text, arena);
	buf_puts(&text, route->doc);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].applies)
			continue;
		buf_puts(&text, rules[i].text);
		if (i == 0)
			buf_printf(&text, "%s.", role_name(route->who));
	}
	return buf_text(&text);
}

void
openapi_about_route(struct jout *out, const struct route *route)
{
	struct arena *arena = out->buf->arena;

	jout_key_text(out, "operationId", route->name);
	jout_key(out, "tags");
	jout_array(out);
	jout_text(out, tag_of(route)->name);
	jout_end(out);
	jout_key_text(out, "summary", summary_of(arena, route->doc));
	jout_key_text(out, "description", description_of(arena, route));
}
