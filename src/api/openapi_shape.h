/* Shapes of bodies and queries, as schemas of OpenAPI. */
#ifndef API_OPENAPI_SHAPE_H
#define API_OPENAPI_SHAPE_H

struct jin_field;
struct jin_shape;
struct jout;

/* Writes the schema of a shape. Objects within it are referred to by their names. */
void
openapi_shape(struct jout *out, const struct jin_shape *shape);

/* Writes the schema of the field's value into the open object. */
void
openapi_shape_value(struct jout *out, const struct jin_shape *shape, const struct jin_field *field);

/* Writes {"$ref": "#/components/<kind>/<name>"}. */
void
openapi_shape_ref(struct jout *out, const char *kind, const char *name);

#endif
