/* Audit: what staff and operators did. Each write of theirs adds one row in its own transaction. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "base/fail.h"

struct buf;
struct core;
struct list;

/* The trail, newest first. May lag as a replica does. */
MUST_USE enum err
audit_list(struct core *core, const struct list *list, struct buf *body);

#endif
