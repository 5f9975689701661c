/*
 * Strict scan of a JSON text before the parser sees it. It checks the tokens that the library's
 * parser checks too loosely: white space, strings (control characters, escapes, surrogate pairs),
 * numbers, literals, nesting. The parser checks the order of the tokens.
 *
 * Private to json/.
 */
#ifndef JSON_JSCAN_H
#define JSON_JSCAN_H

#include <stdbool.h>
#include <stddef.h>

#define JSCAN_DEPTH_MAX 16

struct jscan {
	const char *text;
	size_t len;
	size_t pos;         /* next byte; after a failure, the offence */
	size_t depth;       /* open objects and arrays */
	size_t keys;        /* members of all objects, duplicates included */
	const char *reason; /* reason of the failure, lower case */
	bool has_nul;       /* the last string contains \u0000 */
	bool has_nul_key;   /* a key contains it */
};

/* Scans `len` bytes of well-formed UTF-8. On an invalid token returns false and sets `reason` and
 * `pos`. */
bool
jscan_text(struct jscan *scan, const char *text, size_t len);

#endif
