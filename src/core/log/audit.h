/*
 * Audit: the actions of admins and commands, and what staff's routes refused. A write by staff adds
 * its row in its own transaction. A read by staff and a command add theirs by audit_add().
 */
#ifndef CORE_LOG_AUDIT_H
#define CORE_LOG_AUDIT_H

#include "base/fail.h"

struct buf;
struct core;
struct list;
struct uuid;

/* Adds a row: `actor` (a user id, or the system account of a command) did `action` to `object`.
 * `detail` is a JSON object with the parameters of the action, without secrets and personal data;
 * NULL for none. A request leaves one row for each action and object, however often the call is
 * repeated. When this fails the caller must not do or show what it wanted to record. */
MUST_USE enum err
audit_add(struct core *core, const char *actor, const char *action, const char *object,
	  const char *detail);

/* Records that a user of that role was refused `object`, a route of staff. An account leaves one
 * row a day for each of them, however often it tries: nobody can flood the trail. */
MUST_USE enum err
audit_refused(struct core *core, const struct uuid *user_id, const char *object, const char *role);

/* The trail, newest first. It may lag as much as a replica does. */
MUST_USE enum err
audit_list(struct core *core, const struct list *list, struct buf *body);

#endif
