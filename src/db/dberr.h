/*
 * What an error of PostgreSQL means to us: one table of SQLSTATEs and constraint names.
 * Private to db/.
 */
#ifndef DB_DBERR_H
#define DB_DBERR_H

#include <stdbool.h>

#include "base/fail.h"

enum dberr_action {
	DBERR_FAIL,    /* the answer is the code */
	DBERR_REPEAT,  /* rolled back; the same call may go through now */
	DBERR_PREPARE, /* the prepared statement is no longer good: make another and repeat once */
	DBERR_LEAVE,   /* this server serves us no longer: connect anew and repeat */
};

struct dberr {
	const char *sqlstate;   /* five characters, or the two of its class */
	const char *constraint; /* NULL: any */
	enum dberr_action action;
	enum code code;
	bool is_text_private; /* the message quotes values: it must not be logged */
};

/* Never NULL. Either argument may be. */
const struct dberr *
dberr_find(const char *sqlstate, const char *constraint);

#endif
