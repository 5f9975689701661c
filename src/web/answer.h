/*
 * Answer: turns an exchange that the guards and the handler have filled into the bytes of a FastCGI
 * answer, and writes its line to the log.
 */
#ifndef WEB_ANSWER_H
#define WEB_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"

struct buf;
struct exchange;

/* The cost of the request, for Server-Timing and the log. */
struct answer_cost {
	uint32_t db_calls;
	int64_t db_us;
	int64_t us; /* since the connection was taken */
};

/* The status in log and metrics of a request that was dropped; nobody receives it. nginx uses the
 * same number. */
#define ANSWER_CLIENT_GONE 499

/* Gives the response its final form: the problem of a refusal (with Allow or the challenge), 204
 * for OPTIONS, 499 for a client that has gone, or 304 when the client already has the document. */
void
answer_finish(struct exchange *exchange, enum err err);

/* Writes the header block with its empty line. The body follows if answer_has_body() returns
 * true. */
void
answer_head(const struct exchange *exchange, const struct answer_cost *cost, struct buf *head);

bool
answer_has_body(const struct exchange *exchange);

/* Logs one line at the level of the outcome. The line never contains the query, the body or a
 * header. */
void
answer_log(const struct exchange *exchange, const struct answer_cost *cost);

/* Does the If-None-Match list name `etag`? Weak comparison (RFC 9110 §8.8.3.2). */
bool
answer_is_match(const char *if_none_match, const char *etag);

#endif
