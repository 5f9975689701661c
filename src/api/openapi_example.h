/* Examples of requests and answers, made from their schemas. */
#ifndef API_OPENAPI_EXAMPLE_H
#define API_OPENAPI_EXAMPLE_H

struct jout;
struct jval;

/* Writes a value that fits the schema of that name. `schemas` is the object of all schemas. */
void
openapi_example(struct jout *out, const struct jval *schemas, const char *name);

#endif
