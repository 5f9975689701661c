/*
 * OpenAPI 3.1 of what is served, from the route table, the shapes of bodies and schemas.json.
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

struct buf;
struct jout;
struct jin_shape;

/* Appends the whole document. */
void
openapi_render(struct buf *out);

/* The schema of a body. */
void
openapi_shape(struct jout *out, const struct jin_shape *shape);

#endif
