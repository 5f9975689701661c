/*
 * Exchange: one request and its answer while web works on them. exchange_init() fills it from the
 * FastCGI parameters, guard.c checks it and answer.c renders it. Handlers see only the request and
 * the response.
 */
#ifndef WEB_EXCHANGE_H
#define WEB_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/answer.h"
#include "web/request.h"
#include "web/response.h"
#include "web/serve.h"

/* Where the body comes from: FastCGI, or a text in tests. */
struct exchange_source {
	bool (*read)(char *data, size_t len); /* exactly len bytes */
	bool (*is_at_end)(void);              /* no more bytes follow */
	bool (*is_gone)(void);                /* nobody waits for the answer any more */
};

struct exchange {
	const struct serve *serve;
	const struct exchange_source *source;
	struct request request;
	struct response response;
	struct failure failure;
	struct answer_cost cost;
	int64_t start_us; /* clock_mono_us(): when the connection was taken */

	/* As nginx passed them; "" when absent. */
	const char *uri; /* with the query */
	const char *method_text;
	const char *content_type;
	const char *content_length_text;
	const char *authorization;
	const char *key_text;  /* Idempotency-Key */
	const char *passed_at; /* Unix seconds with three decimals */

	/* Found while the request is checked. */
	const char *query;           /* raw, after the "?"; NULL when there is none */
	const char *allow;           /* for 405 and OPTIONS */
	enum route_match match;      /* the answer of the router */
	bool is_options;             /* answered by the guards: 204 */
	bool is_gone;                /* the client has gone, and nothing was done: logged as 499 */
	size_t content_length;       /* of the body */
	const struct jval *document; /* the parsed body; NULL: none */
};

/* `params` are "NAME=value" texts, NULL-terminated. They must outlive the exchange. */
void
exchange_init(struct exchange *exchange, const struct serve *serve, struct arena *arena,
	      const char *const *params, const struct exchange_source *source, int64_t start_us);

/* Index of the route in the table; HOSTMEM_ROUTES_MAX ("other") when no route was found. */
size_t
exchange_route_index(const struct exchange *exchange);

#endif
