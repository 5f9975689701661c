/*
 * Outcome: what a stored function said, which the functions of call/<home>.h write; they return ERR_OK
 * when it answered, whatever it said. Every write returns a word and a document; words are "ok",
 * "created", "replay", or the name of a code a client may see.
 */
#ifndef CORE_OUTCOME_H
#define CORE_OUTCOME_H

#include <stdbool.h>

#include "base/fail.h"

struct arena;
struct core;
struct jval;

struct outcome {
	const char *function; /* that said it */
	const char *word;
	const char *text; /* its document, JSON; NULL when there is none */
	/* Of outcome_result(). */
	struct arena *arena;
	const struct jval *result;
};

/* The document, parsed when it is first asked for; NULL when there is none. */
const struct jval *
outcome_result(struct outcome *outcome);

bool
outcome_is(const struct outcome *outcome, const char *word);

/* ERR_OK for "ok", "created" and "replay". Anything else is recorded as the code it names, with
 * the members of the result that the answer carries (seats, limit, taken). A word that is no code
 * is a bug: 500. */
MUST_USE enum err
outcome_check(struct core *core, struct outcome *outcome);

/* Behind a call whose every refusal ends the request: `err` is what the call returned, and when that
 * is ERR_OK, outcome_check() decides. */
MUST_USE enum err
outcome_accept(struct core *core, enum err err, struct outcome *outcome);

/* The same for a call that refuses nothing: another word than "ok" is a bug. */
MUST_USE enum err
outcome_expect_ok(struct core *core, enum err err, struct outcome *outcome);

/* A refusal without a function that said so: what a saga or a read finds out by itself. */
MUST_USE enum err
outcome_refuse(struct core *core, enum code code);

/* The status of a write's 2xx answer and the document it is rendered from: 201 for "created", 200
 * for "ok", what was stored for "replay". Only after outcome_check(). */
struct outcome_answer {
	int status;
	const struct jval *body;
	bool is_replay;
};
struct outcome_answer
outcome_answer(struct outcome *outcome);

#endif
