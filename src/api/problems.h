/* Problems: the refusals of the API as schemas, one for each code. */
#ifndef API_PROBLEMS_H
#define API_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fail.h"

struct arena;
struct jout;
struct route;

/* All codes that a request for the row may be answered with, including those of nginx in front.
 * `codes_r` has room for CODE_MAX. */
size_t
problems_of(const struct route *route, enum code codes_r[]);

/* "Problem_seats_taken". */
const char *
problems_schema_name(struct arena *arena, enum code code);

/* Is it the name of such a schema? */
bool
problems_is_schema(const char *name);

/* Writes a member for each code that any row answers with into the open object. */
void
problems_put_schemas(struct jout *out);

#endif
