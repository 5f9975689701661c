/*
 * JSON document: members of an object that our own SQL made, read in its text. No tree is built: what
 * goes into an answer as it stands is copied from where it stands. Only for documents that are known
 * to be JSON without escapes in their keys; anything else is a bug and asserts.
 */
#ifndef JSON_JDOC_H
#define JSON_JDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jout;

/* The value of a member of the outermost object, where it stands in `object`: NULL when there is none. */
const char *
jdoc_member(const char *object, const char *name, size_t *len_r);

/* A member that is a whole number. */
int64_t
jdoc_i64(const char *object, const char *name);

/* Writes the member into an open object, under its name and as it stands. */
void
jdoc_copy(struct jout *out, const char *object, const char *name);

#endif
