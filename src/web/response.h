/*
 * One answer, built whole in memory and sent with Content-Length. It is `no-store` unless the
 * route's cache policy says otherwise. Errors are always no-store problem+json.
 */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "json/jout.h"

struct request;

struct response {
	int status;                /* 200 unless set */
	struct buf body;           /* empty for 204 and 304 */
	struct buf headers;        /* extra "Name: value\r\n" lines */
	const char *content_type;  /* "application/json" unless set */
	const char *cache_control; /* NULL: the route's cache policy decides */
	const char *etag; /* quoted; NULL: none; web answers a matching If-None-Match with 304 */
	bool is_replay;   /* sends Idempotency-Replayed: true */
};

void
response_init(struct response *response, struct arena *arena);

/* A JSON writer on the body. */
struct jout
response_json(struct response *response);

/* `value` must come from our own code: no line breaks. */
void
response_header(struct response *response, const char *name, const char *value);

/* Replaces the answer with the problem+json of the recorded failure (500 internal if none). */
void
response_problem(struct response *response, const struct request *request,
		 const struct failure *failure);

#endif
