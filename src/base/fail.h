/*
 * How a function says that it could not do its work.
 *
 * It returns an enum err (what class of failure: callers branch on this) and, where the fact is
 * known, records a struct failure once: the stable code a client sees, one sentence for the client,
 * one for the log, and extra members of the answer. A function records and returns, or logs; never
 * both. The first record of a request wins: later ones by callers who know less are ignored.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include <stddef.h>

struct arena;

enum err {
	ERR_OK = 0,
	ERR_NOTFOUND, /* no such object, or not the caller's */
	ERR_CONFLICT, /* refused by the state of things */
	ERR_INVALID,  /* the input does not fit */
	ERR_DENIED,   /* not authenticated, or not allowed */
	ERR_LIMIT,    /* a named limit was reached */
	ERR_GONE,     /* it was there once */
	ERR_RETRY,    /* nothing happened; the same call may go through later */
	ERR_UNKNOWN,  /* may or may not have happened: ask again with the same ids */
	ERR_UPSTREAM, /* a remote of ours failed */
	ERR_INTERNAL, /* a bug or a broken installation */
	ERR_MAX
};

#define MUST_USE __attribute__((warn_unused_result))

enum code {
	CODE_NONE = 0,
#define CODE(suffix, name, status, err, title) CODE_##suffix,
#include "base/code.def"
#undef CODE
	CODE_MAX
};

struct code_info {
	const char *name;  /* stable, part of the API */
	int status;        /* of the HTTP answer */
	enum err err;      /* class */
	const char *title; /* short text for humans */
};

/* Row of the table; `code` must be valid. */
const struct code_info *
code_info(enum code code);

/* CODE_NONE when no code has that name. */
enum code
code_by_name(const char *name);

struct violation {
	const char *field;   /* path such as seats[2] */
	const char *message; /* lower case, no period */
	struct violation *next;
};

struct failure {
	struct arena *arena;          /* owns every text below */
	enum code code;               /* CODE_NONE: nothing recorded */
	const char *detail;           /* sentence for the client, or NULL */
	const char *log_detail;       /* for the log only, or NULL; holds no secret */
	const char *extra;            /* JSON members for the answer: "\"seats\":[1,2]", or NULL */
	int retry_after_s;            /* for 429 and 503; 0: the default of 1 */
	struct violation *violations; /* of validation_failed, in order found */
	struct violation **violations_end_r; /* where the next one goes */
};

void
failure_init(struct failure *failure, struct arena *arena);

/* Record `code` with a sentence; returns its class, so that `return fail(…)` reads well. */
enum err
fail(struct failure *failure, enum code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Record a 500 or 503 whose reason only the log may see. */
enum err
fail_log(struct failure *failure, enum code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Record one more violation of validation_failed; at most 20 are kept. Returns ERR_INVALID. */
enum err
fail_field(struct failure *failure, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Add a member to the answer of the recorded failure; `json` is a rendered value. */
void
fail_extra(struct failure *failure, const char *name, const char *json);

/* Why, for a log or an operator: the reason that only the log may see, else the client's sentence, else
 * the title of the code. */
const char *
failure_reason(const struct failure *failure);

#endif
