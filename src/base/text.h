/* Small pure helpers on text: numbers, hex, base64, UTF-8. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* Reads a whole decimal integer that fits int64: optional minus, no "+", no leading zeros, no
 * spaces. */
bool
text_parse_i64(const char *text, size_t len, int64_t *number_r);

/* Lower-case hex of `len` bytes. `text_r` needs 2 × len + 1 bytes. */
void
text_hex(const void *data, size_t len, char *text_r);

bool
text_unhex(const char *text, size_t len, void *data_r);

/* Padded base64 (RFC 4648 §4). */
char *
text_base64(struct arena *arena, const void *data, size_t len);

/* Unpadded base64url (RFC 4648 §5). */
char *
text_base64url(struct arena *arena, const void *data, size_t len);

/* Reads strict base64url without padding. NULL when the text is anything else. */
uint8_t *
text_unbase64url(struct arena *arena, const char *text, size_t len, size_t *size_r);

/* The same for padded base64. */
uint8_t *
text_unbase64(struct arena *arena, const char *text, size_t len, size_t *size_r);

/* Is the text well-formed UTF-8 (no surrogates, no overlong forms)? */
bool
text_is_utf8(const char *text, size_t len);

/* Number of code points in well-formed UTF-8. */
size_t
text_utf8_length(const char *text, size_t len);

/* Fills with getrandom(2). Ends the process when the kernel gives none. */
void
text_random(void *data_r, size_t len);

/* Compares in a time that depends only on `len`. */
bool
text_is_equal_ct(const void *a, const void *b, size_t len);

#endif
