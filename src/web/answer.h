/*
 * Answer: turns what the guards and the handler left in an exchange into the bytes of a FastCGI
 * answer, and into its line in the log.
 */
#ifndef WEB_ANSWER_H
#define WEB_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct exchange;

/* What the request cost, for Server-Timing and the log. */
struct answer_cost {
	uint32_t db_calls;
	int64_t db_us;
	int64_t us; /* since the connection was taken */
};

/* Gives the response its final form: the problem of a refusal (with Allow or the challenge), 204
 * for OPTIONS, 304 where the client has it already. */
void
answer_finish(struct exchange *exchange, enum err err);

/* The header block with its empty line. The body follows unless answer_has_body() says no. */
void
answer_head(const struct exchange *exchange, const struct answer_cost *cost, struct buf *head);

bool
answer_has_body(const struct exchange *exchange);

/* One line at the level of the outcome. Never the query, the body or a header. */
void
answer_log(const struct exchange *exchange, const struct answer_cost *cost);

/* Does the If-None-Match list name `etag`? Weak comparison (RFC 9110 §8.8.3.2). */
bool
answer_is_match(const char *if_none_match, const char *etag);

#endif
