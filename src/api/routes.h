/*
 * The route table: one row for each thing a client may ask for. nginx's pools, OpenAPI, the labels
 * of the metrics and the tests' matrix come from it.
 */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include <stdbool.h>

#include "web/serve.h"

struct buf;

/* The table; made once per process for each answer to `with_test` (config_has_test_routes()). The rows of
 * api/test.h come last. */
const struct route_table *
api_routes(bool with_test);

/* "GET /api/events" by position in the table, and behind the last row the label of requests that
 * found no route. */
const char *const *
api_routes_names(bool with_test);

/* Every row as JSON, its codes, shapes and query included: what tests build their matrix from. */
void
api_routes_json(struct buf *out);

/* What web/ needs of the domain. */
extern const struct serve_hooks api_hooks;

#endif
