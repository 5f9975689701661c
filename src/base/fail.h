/*
 * Fail: how a function reports that it could not do its work.
 *
 * It returns an enum err, the class of the failure, on which callers branch. Where the fact is
 * known, it also records a struct failure once: the stable code for the client, one sentence for
 * the client, one for the log, and extra members of the answer. A function either records and
 * returns, or logs, but never both. The first record of a request wins. Later records come from
 * callers who know less and are ignored.
 */
#ifndef BASE_FAIL_H
#define BASE_FAIL_H

#include <stddef.h>

struct arena;

enum err {
	ERR_OK = 0,
	ERR_NOTFOUND, /* no such object, or not the caller's */
	ERR_CONFLICT, /* the state of the data refuses it */
	ERR_INVALID,  /* the input does not fit */
	ERR_DENIED,   /* not authenticated, or not permitted */
	ERR_LIMIT,    /* a named limit was reached */
	ERR_GONE,     /* it existed once */
	ERR_RETRY,    /* nothing happened; the same call may succeed later */
	ERR_UNKNOWN,  /* it may or may not have happened: ask again with the same ids */
	ERR_UPSTREAM, /* a remote service failed */
	ERR_INTERNAL, /* a bug or a broken installation */
	ERR_MAX
};

#define MUST_USE __attribute__((warn_unused_result))

enum code {
	CODE_NONE = 0,
#define CODE(suffix, name, status, err, title, help) CODE_##suffix,
#include "base/code.def"
#undef CODE
	CODE_MAX
};

struct code_info {
	const char *name;  /* stable, part of the API */
	int status;        /* of the HTTP answer */
	enum err err;      /* class of the failure */
	const char *title; /* short text for humans */
	const char *help;  /* what it means and what to do next */
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
	const char *log_detail;       /* for the log only, or NULL; contains no secret */
	const char *extra;            /* JSON members for the answer: "\"seats\":[1,2]", or NULL */
	int retry_after_s;            /* for 429 and 503; 0: the default of 1 */
	struct violation *violations; /* of validation_failed, in order found */
	struct violation **violations_end_r; /* where to link the next one */
};

void
failure_init(struct failure *failure, struct arena *arena);

/* Records `code` with a sentence. Returns its class, so that `return fail(…)` reads well. */
enum err
fail(struct failure *failure, enum code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Records a 500 or 503 whose reason only the log may contain. */
enum err
fail_log(struct failure *failure, enum code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Records one more violation of validation_failed; at most 20 are kept. Returns ERR_INVALID. */
enum err
fail_field(struct failure *failure, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds a member to the answer of the recorded failure. `json` is a rendered value. */
void
fail_extra(struct failure *failure, const char *name, const char *json);

/* The reason for a log or an operator: the one that only the log may contain, or else the client's
 * sentence, or else the title of the code. */
const char *
failure_reason(const struct failure *failure);

#endif
