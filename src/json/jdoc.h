/*
 * JSON document: reads members of an object that our own SQL made, directly in its text. It builds
 * no tree: a member that goes into an answer unchanged is copied from the text. Use it only for
 * documents that are known to be JSON without escapes in their keys. Anything else is a bug and
 * asserts.
 */
#ifndef JSON_JDOC_H
#define JSON_JDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jout;

/* The value of a member of the outermost object, as it stands in `object`; NULL when there is
 * none. */
const char *
jdoc_member(const char *object, const char *name, size_t *len_r);

/* A member that is a whole number. */
int64_t
jdoc_i64(const char *object, const char *name);

/* Writes the member unchanged into an open object, under its own name. */
void
jdoc_copy(struct jout *out, const char *object, const char *name);

#endif
