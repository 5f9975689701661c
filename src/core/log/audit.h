/*
 * Audit: what admins and commands did. A write of staff adds its one row in its own transaction; a
 * read of theirs, and a command, by audit_add().
 */
#ifndef CORE_LOG_AUDIT_H
#define CORE_LOG_AUDIT_H

#include "base/fail.h"

struct buf;
struct core;
struct list;

/* A row: `actor` (a user id, or the system account of a command) did `action` to `object`. `detail`:
 * a JSON object of what was asked, with no secret and nothing personal in it; NULL for none. A
 * request leaves one row for an action and an object, however often its call is repeated. On a
 * failure what is recorded here must not be done or shown. */
MUST_USE enum err
audit_add(struct core *core, const char *actor, const char *action, const char *object,
	  const char *detail);

/* The trail, newest first. May lag as a replica does. */
MUST_USE enum err
audit_list(struct core *core, const struct list *list, struct buf *body);

#endif
