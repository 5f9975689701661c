/* Shapes of bodies and queries, as the schemas of OpenAPI. */
#ifndef API_OPENAPI_SHAPE_H
#define API_OPENAPI_SHAPE_H

struct jin_field;
struct jin_shape;
struct jout;

/* The schema of a shape; those of the objects within it are referred to by their names. */
void
openapi_shape(struct jout *out, const struct jin_shape *shape);

/* What a value of the field is, into the open object. */
void
openapi_shape_value(struct jout *out, const struct jin_shape *shape, const struct jin_field *field);

/* {"$ref": "#/components/<kind>/<name>"}. */
void
openapi_shape_ref(struct jout *out, const char *kind, const char *name);

#endif
