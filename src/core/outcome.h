/*
 * Outcome: the answer of a stored function. The functions of call/<home>.h fill it and return
 * ERR_OK whenever the stored function answered, whatever the answer. Every write returns a word and
 * a document. The word is "ok", "created", "replay", or the name of a code that clients may see.
 */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include <stdbool.h>

#include "base/fail.h"

struct arena;
struct buf;
struct core;
struct core_key;
struct jval;

struct outcome {
	const char *function; /* the function that answered */
	const char *word;
	const char *text; /* its document, JSON; NULL when there is none */
	/* for outcome_result() */
	struct arena *arena;
	const struct jval *result;
};

/* The document, parsed on first use; NULL when there is none. */
const struct jval *
outcome_result(struct outcome *outcome);

/* Writes an object with these members of the document, copied unparsed. `names` ends with NULL. */
void
outcome_render(const struct outcome *outcome, const char *const names[], struct buf *body);

bool
outcome_is(const struct outcome *outcome, const char *word);

/* Is it the answer of an earlier request with the same key? A call that the program itself repeats
 * without a key is not. */
bool
outcome_is_replay(const struct outcome *outcome, const struct core_key *key);

/* Returns ERR_OK for "ok", "created" and "replay". Any other word is recorded as the code it names,
 * with those members of the result that the answer carries (seats, limit, taken). rate_limited says
 * in retry_after_s how long to wait. A word that names no code is a bug: 500. */
MUST_USE enum err
outcome_check(struct core *core, struct outcome *outcome);

/* Use this when every refusal of a call ends the request. `err` is the return value of the call;
 * when it is ERR_OK, outcome_check() decides. */
MUST_USE enum err
outcome_accept(struct core *core, enum err err, struct outcome *outcome);

/* The same for a call that never refuses: any word but "ok" is a bug. */
MUST_USE enum err
outcome_expect_ok(struct core *core, enum err err, struct outcome *outcome);

/* A refusal that a saga or a read finds by itself, without a stored function. */
MUST_USE enum err
outcome_refuse(struct core *core, enum code code);

/* The status of a write's 2xx answer and the document to render: 201 for "created", 200 for "ok",
 * the stored answer for "replay". Call outcome_check() first. */
struct outcome_answer {
	int status;
	const struct jval *body;
	bool is_replay;
};
struct outcome_answer
outcome_answer(struct outcome *outcome);

#endif
