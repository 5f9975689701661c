/*
 * Words: what a text from outside may contain, and the form in which it is kept. The list of
 * characters that no text may have stands in words.c, and nowhere else.
 */
#ifndef WORDS_WORDS_H
#define WORDS_WORDS_H

#include <stddef.h>

struct arena;

/* What a text is for. The first is the default of every field. */
enum words_kind {
	WORDS_LINE,    /* shown on one line: NFC, trimmed, no character that cannot be seen */
	WORDS_LINES,   /* the same, but it may have line breaks and tabs */
	WORDS_ADDRESS, /* an e-mail address: no spaces either, and never changed, because NFC makes
			* U+212A the letter K of somebody else's address */
	WORDS_SCANNED, /* what a scanner read: trimmed; the domain knows what it means */
	WORDS_SECRET,  /* a password or token: as it was sent */
	WORDS_KIND_MAX
};

/* The form in which the text is kept, in the arena or the text itself; `text` is well-formed UTF-8
 * without NUL. NULL when it may not be taken, and then *says_r tells why ("must not be blank"). */
const char *
words_take(struct arena *arena, enum words_kind kind, const char *text, const char **says_r);

/* For texts that were stored before they were checked: without the characters that words_take()
 * refuses in a line. NULL when nothing is left. */
const char *
words_clean(struct arena *arena, const char *text);

/* NFKC, in which two ways of typing a password are equal. Returns the text itself when that is its
 * form already. */
const char *
words_nfkc(struct arena *arena, const char *text);

/* A regular expression (ECMA 262, and Python) that every text of the kind fits. It accepts some
 * texts that words_take() refuses, because not all rules can be written in it. */
const char *
words_pattern(struct arena *arena, enum words_kind kind);

#endif
