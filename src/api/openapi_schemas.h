/* The schemas of OpenAPI: those of schemas.json and those that are made from tables. */
#ifndef API_OPENAPI_SCHEMAS_H
#define API_OPENAPI_SCHEMAS_H

struct arena;
struct jout;
struct route_table;

/* Returns the object of all schemas: schemas.json, and after its last member those of the table's
 * shapes and of the problems. */
const char *
openapi_schemas(struct arena *arena, const struct route_table *table);

/* Writes the member "examples": one for each body, under the name of its schema in that object. */
void
openapi_schemas_examples(struct jout *out, const struct route_table *table, const char *schemas);

#endif
