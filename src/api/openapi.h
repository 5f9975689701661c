/*
 * OpenAPI 3.1 document of the API, made from the route table, the shapes of bodies and
 * schemas.json.
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

struct buf;

/* Appends the whole document. */
void
openapi_render(struct buf *out);

#endif
