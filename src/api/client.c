/* The client of a request, as its session keeps it. */
#include "config.h"

#include "api/handlers.h"

#include <string.h>

#include "base/arena.h"
#include "core/account/session.h"
#include "core/core.h"
#include "web/request.h"

/* What a client calls itself is shown to people: it is printable ASCII, cut. */
static const char *
agent_of(const struct request *request)
{
	char *agent = arena_strndup(request->arena, request->agent,
				    strnlen(request->agent, SESSION_AGENT_MAX));

	for (char *at = agent; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return agent[0] == '\0' ? NULL : agent;
}

struct session_client
api_client(const struct request *request)
{
	return (struct session_client){
		.address = request->address[0] == '\0' ? NULL : request->address,
		.agent = agent_of(request),
	};
}
