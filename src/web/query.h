/* Query: strictly decodes the part of an address after the question mark. The shape of the route
 * gives the parameters their meaning. */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "base/fail.h"

struct request;

/*
 * Fills request->pairs from `text`. These are violations, collected in request->failure: bad
 * percent encoding, invalid UTF-8, NUL, a parameter that the route does not know, a parameter given
 * twice, and more than REQUEST_PAIRS_MAX parameters.
 */
MUST_USE enum err
query_read(struct request *request, const char *text);

#endif
