/* Query: decodes the part of an address behind the question mark, strictly. What the parameters mean is
 * read by the shape of the route. */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "base/fail.h"

struct request;

/*
 * Fills request->pairs from `text`. Violations (collected in request->failure): bad percent
 * encoding, invalid UTF-8, NUL, a parameter that the route does not know, one given twice, more
 * than REQUEST_PAIRS_MAX.
 */
MUST_USE enum err
query_read(struct request *request, const char *text);

#endif
