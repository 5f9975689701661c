/*
 * Routes for the tests and benchmarks of the program itself (server_test_routes = yes): a constant
 * answer, a slow one, a crash, an echo. They are never in OpenAPI and exist only in a build with
 * --enable-test-routes.
 */
#ifndef API_TEST_H
#define API_TEST_H

#include <stddef.h>

struct route;

/* Rows to append to the route table. */
const struct route *
api_test_rows(size_t *count_r);

#endif
