/* Server: whether PostgreSQL is set up as the programs need it. For `boxofficectl db check`. */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"

struct core;

/* A rule. */
struct server_rule {
	const char *name; /* stable: --except names it */
	bool is_right;
	const char *found; /* when it is not */
	const char *advice;
};

struct server_rules {
	const struct server_rule *rules;
	size_t count;
};

/* Judges the server by the session of `core`. `sessions` is the number that the programs of this
 * host may take. `is_owner` tells whether the session should be the owner's. */
MUST_USE enum err
server_judge(struct core *core, int64_t sessions, bool is_owner, struct server_rules *rules_r);

#endif
