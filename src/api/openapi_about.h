/* What OpenAPI says about a route in words: its name, its chapter, what it does and what it
 * asks. */
#ifndef API_OPENAPI_ABOUT_H
#define API_OPENAPI_ABOUT_H

struct jout;
struct route;
struct route_table;

/* Writes operationId, tags, summary and description into the open object of the operation. */
void
openapi_about_route(struct jout *out, const struct route *route);

/* Writes the array of all chapters that routes of the table belong to. */
void
openapi_about_tags(struct jout *out, const struct route_table *table);

#endif
