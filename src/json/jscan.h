/*
 * Strict scan of a JSON text, before the parser sees it. It checks the words of the text, which the
 * parser of the library takes too lightly: white space, strings (control characters, escapes, pairs
 * of surrogates), numbers, literals, nesting. The order of the words is left to the parser.
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
	size_t pos;         /* next byte; where it went wrong after a failure */
	size_t depth;       /* open objects and arrays */
	size_t keys;        /* members of all objects, duplicates included */
	const char *reason; /* of the failure, lower case */
	bool has_nul;       /* the string read last contains \u0000 */
	bool has_nul_key;   /* a key does */
};

/* Scans `len` bytes of well-formed UTF-8; false with `reason` and `pos` set when a word is none. */
bool
jscan_text(struct jscan *scan, const char *text, size_t len);

#endif
