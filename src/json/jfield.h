/* Fields of a shape, with one reader for each type. Private to json/. */
#ifndef JSON_JFIELD_H
#define JSON_JFIELD_H

#include <stddef.h>

#include "base/fail.h"
#include "json/jin.h"

/* The place of a value in a document. Its path is built only for a violation. */
struct jplace {
	const struct jplace *above; /* NULL: the whole document */
	const char *name;           /* of a member; NULL: an element */
	size_t index;               /* of the element */
};

/* One field on its way from the document to the target. */
struct jreading {
	struct arena *arena;
	const struct jin_field *field;
	const struct jplace *place;
	const struct jval *value; /* NULL for a query, whose values are texts */
	void *member;             /* of the target */
	struct failure *failure;
};

/* The path, such as sections[0].rows[2].name; "" for NULL. */
const char *
jfield_path(struct arena *arena, const struct jplace *place);

/* A name that the client chose. A long name is cut between two characters. */
const char *
jfield_shown(struct arena *arena, const char *name);

/* Records the violation with the field's own message, or else with the text. */
enum err
jfield_refuse(const struct jreading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads the value of a document. It must not be null. */
MUST_USE enum err
jfield_read(const struct jreading *reading);

/* Reads a text of a query. */
MUST_USE enum err
jfield_take(const struct jreading *reading, const char *text);

/* In jshape.c: reads the value by the field's shape. */
MUST_USE enum err
jshape_read_object(const struct jreading *reading);
MUST_USE enum err
jshape_read_objects(const struct jreading *reading);

#endif
