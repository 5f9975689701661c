/*
 * Serve: the loop of one worker. Accept (signal-safe) → read → route → guards → handler → answer →
 * log. The guards run as phases in the contract's order of checks (guard.c). Serve knows no
 * database: struct serve_hooks gives it what it needs from the domain.
 */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "web/route.h"

struct answer_cost;
struct config;
struct core;
struct secrets;

struct serve_hooks {
	/* Calls the handler of the route, after the guards, in the domain's context. Stores what
	 * the handler cost the database. */
	enum err (*handle)(struct core *core, const struct request *request,
			   struct response *response, struct answer_cost *cost);
	/* Is the session revoked? Called when host memory cannot tell (table full). */
	enum err (*is_revoked)(struct core *core, const struct request *request,
			       struct answer_cost *cost, bool *revoked_r);
	/* Records that a user was refused a route of staff. */
	void (*note_refused)(struct core *core, const struct request *request,
			     struct answer_cost *cost);
};

struct serve {
	const struct config *config;
	const struct secrets *secrets;
	const struct route_table *routes;
	const struct serve_hooks *hooks;
	struct core *core;
	const char *pool;     /* name, for the log */
	int listen_fd;        /* non-blocking, shared by the pool */
	int64_t max_requests; /* retire after this many; 0: never */
};

/* Serves until told to stop (SIGTERM: after the request in flight) or until max_requests. Returns
 * the exit status of the worker. */
int
serve_run(const struct serve *serve);

#endif
