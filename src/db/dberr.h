/*
 * The meaning of PostgreSQL's errors for us: one table of SQLSTATEs and constraint names. Private
 * to db/.
 */
#ifndef DB_DBERR_H
#define DB_DBERR_H

#include <stdbool.h>

#include "base/fail.h"

enum dberr_action {
	DBERR_FAIL,    /* the code is the answer */
	DBERR_REPEAT,  /* rolled back; the same call may succeed now */
	DBERR_PREPARE, /* the prepared statement is invalid: prepare it anew and repeat once */
	DBERR_LEAVE,   /* this server no longer serves us: reconnect and repeat */
};

struct dberr {
	const char *sqlstate;   /* five characters, or the two of the class */
	const char *constraint; /* NULL: any */
	enum dberr_action action;
	enum code code;
	bool is_text_private; /* the message quotes values and must not be logged */
};

/* Never returns NULL. Either argument may be NULL. */
const struct dberr *
dberr_find(const char *sqlstate, const char *constraint);

#endif
