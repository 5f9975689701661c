/* Formats of texts, by the names that the tables of fields use. Private to json/. */
#ifndef JSON_JFORMAT_H
#define JSON_JFORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "words/words.h"

struct jformat {
	const char *name;
	bool (*is_valid)(const char *text, size_t len);
	const char *message; /* what a text that is not valid must be */
	enum words_kind words;
};

/* The format of that name. A name that is none is a bug. */
const struct jformat *
jformat_of(const char *name);

#endif
