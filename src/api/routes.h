/*
 * The route table: one row for each request that a client may make. nginx's pools, OpenAPI, the
 * labels of the metrics and the matrix of the tests are made from it.
 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include <stdbool.h>

#include "web/serve.h"

struct buf;

/* Returns the table, which is made once per process for each value of `with_test`
 * (config_has_test_routes()). The rows of api/test.h come last. */
const struct route_table *
api_routes(bool with_test);

/* Labels such as "GET /api/events" by position in the table. After the last row comes the label of
 * requests that matched no route. */
const char *const *
api_routes_names(bool with_test);

/* The pools to which nginx sends requests, each once, up to a NULL. */
const char *const *
api_routes_pools(void);

/* Writes every row as JSON, with its codes, shapes and query. Tests build their matrix from it. */
void
api_routes_json(struct buf *out);

#endif
