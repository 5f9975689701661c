/* boxofficectl routes, openapi: the route table, for people, for tests and for makers of
 * clients. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/openapi.h"
#include "api/routes.h"
#include "base/buf.h"
#include "ctl/ctl.h"

int
ctl_routes(struct ctl *ctl, char **args)
{
	const struct route_table *table = api_routes(false);
	const char *const *names = api_routes_names(false);
	struct buf text;

	(void)args;
	if (ctl->options.is_json) {
		buf_init(&text, ctl->core.arena);
		api_routes_json(&text);
		puts(buf_text(&text));
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < table->count; i++)
		printf("%-52s %-8s %s\n", names[i], table->rows[i].pool, table->rows[i].doc);
	return EXIT_SUCCESS;
}

int
ctl_openapi(struct ctl *ctl, char **args)
{
	struct buf text;

	(void)args;
	buf_init(&text, ctl->core.arena);
	openapi_render(&text);
	puts(buf_text(&text));
	return EXIT_SUCCESS;
}
