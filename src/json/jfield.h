/* Fields of a shape, one reader a type: for json/ alone. */
#ifndef JSON_JFIELD_H
#define JSON_JFIELD_H

#include <stddef.h>

#include "base/fail.h"
#include "json/jin.h"

/* Where in a document something stands; its path is made for offenders only. */
struct jplace {
	const struct jplace *above; /* NULL: in the whole */
	const char *name;           /* of a member; NULL: an element */
	size_t index;               /* of the element */
};

/* One field on its way from the document into the target. */
struct jreading {
	struct arena *arena;
	const struct jin_field *field;
	const struct jplace *place;
	const struct jval *value; /* not of a query, whose values are texts */
	void *member;             /* of the target */
	struct failure *failure;
};

/* sections[0].rows[2].name; "" for NULL. */
const char *
jfield_path(struct arena *arena, const struct jplace *place);

/* A name that the client chose, cut between two characters where it is long. */
const char *
jfield_shown(struct arena *arena, const char *name);

/* Records the violation: what the field says of itself, or the text. */
enum err
jfield_refuse(const struct jreading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads the value of a document, which is not null. */
MUST_USE enum err
jfield_read(const struct jreading *reading);

/* Reads a text of a query. */
MUST_USE enum err
jfield_take(const struct jreading *reading, const char *text);

/* Of jshape.c: the value by the field's shape. */
MUST_USE enum err
jshape_read_object(const struct jreading *reading);
MUST_USE enum err
jshape_read_objects(const struct jreading *reading);

#endif
