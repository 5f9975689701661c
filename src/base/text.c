/* Numbers, hex, base64, UTF-8 and random bytes. */
#include <config.h>

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/size.h"

static const char digits_standard[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
#define NO_DIGIT UINT8_MAX

bool
text_parse_i64(const char *text, size_t len, int64_t *number_r)
{
	bool is_negative = len > 0 && text[0] == '-';
	size_t pos = is_negative;
	int64_t number = 0;

	/* No digits, a leading zero, or "-0". */
	if (pos == len || (text[pos] == '0' && len > 1))
		return false;
	for (; pos < len; pos++) {
		int digit = text[pos] - '0';

		if (digit < 0 || digit > 9)
			return false;
		/* Counts downwards: the least int64 has no positive counterpart. */
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_sub_overflow(number, digit, &number))
			return false;
	}
	if (!is_negative && __builtin_sub_overflow(0, number, &number))
		return false;
	*number_r = number;
	return true;
}

void
text_hex(const void *data, size_t len, char *text_r)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		*text_r++ = digits[bytes[i] >> 4];
		*text_r++ = digits[bytes[i] & 15];
	}
	*text_r = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_unhex(const char *text, size_t len, void *data_r)
{
	uint8_t *bytes = data_r;

	if (len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
	}
	for (size_t i = 0; i < len; i += 2)
		bytes[i / 2] = (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
	return true;
}

/* Four digits for each three bytes. The last group is shorter, or padded with '='. */
static char *
encode_base64(struct arena *arena, const void *data, size_t len, const char *digits, bool is_padded)
{
	const uint8_t *bytes = data;
	char *text = arena_alloc(arena, size_add(size_mul(len / 3 + 1, 4), 1));
	char *end = text;

	for (size_t i = 0; i < len; i += 3) {
		size_t rest = len - i;
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (rest > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (rest > 2)
			group |= bytes[i + 2];
		*end++ = digits[group >> 18];
		*end++ = digits[group >> 12 & 63];
		if (rest > 1)
			*end++ = digits[group >> 6 & 63];
		else if (is_padded)
			*end++ = '=';
		if (rest > 2)
			*end++ = digits[group & 63];
		else if (is_padded)
			*end++ = '=';
	}
	*end = '\0';
	return text;
}

char *
text_base64(struct arena *arena, const void *data, size_t len)
{
	return encode_base64(arena, data, len, digits_standard, true);
}

char *
text_base64url(struct arena *arena, const void *data, size_t len)
{
	return encode_base64(arena, data, len, digits_url, false);
}

static uint8_t *
decode_base64(struct arena *arena, const char *text, size_t len, const char *digits, size_t *size_r)
{
	size_t size = len / 4 * 3 + (len % 4 == 0 ? 0 : len % 4 - 1);
	uint8_t *data, *end;
	uint32_t group = 0;
	unsigned bits = 0; /* bits of group not yet written */
	uint8_t value_of[UCHAR_MAX + 1];

	if (len % 4 == 1)
		return NULL;
	memset(value_of, NO_DIGIT, sizeof(value_of));
	for (uint8_t value = 0; value < 64; value++)
		value_of[(uint8_t)digits[value]] = value;
	data = end = arena_alloc(arena, size_add(size, 1));
	for (size_t i = 0; i < len; i++) {
		const uint8_t value = value_of[(uint8_t)text[i]];

		if (value == NO_DIGIT)
			return NULL;
		group = group << 6 | value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*end++ = (uint8_t)(group >> bits);
		}
	}
	/* Each value has exactly one text, so the leftover bits must be zero. */
	if ((group & ((1u << bits) - 1)) != 0)
		return NULL;
	*size_r = size;
	return data;
}

uint8_t *
text_unbase64url(struct arena *arena, const char *text, size_t len, size_t *size_r)
{
	return decode_base64(arena, text, len, digits_url, size_r);
}

uint8_t *
text_unbase64(struct arena *arena, const char *text, size_t len, size_t *size_r)
{
	if (len % 4 != 0)
		return NULL;
	for (int padding = 0; padding < 2 && len > 0 && text[len - 1] == '='; padding++)
		len--;
	return decode_base64(arena, text, len, digits_standard, size_r);
}

/* Length of the well-formed character at `text` (RFC 3629); 0 when there is none. */
static size_t
utf8_character(const uint8_t *text, size_t len)
{
	uint8_t first = text[0];
	uint8_t low = 0x80, high = 0xbf; /* range of the second byte */
	size_t size;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (first == 0xe0)
		low = 0xa0; /* no overlong form */
	else if (first == 0xed)
		high = 0x9f; /* no surrogate */
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f; /* not above U+10FFFF */
	if (len < size || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return size;
}

bool
text_is_utf8(const char *text, size_t len)
{
	while (len > 0) {
		size_t size = utf8_character((const uint8_t *)text, len);

		if (size == 0)
			return false;
		text += size;
		len -= size;
	}
	return true;
}

size_t
text_utf8_length(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((uint8_t)text[i] & 0xc0) != 0x80;
	return count;
}

void
text_random(void *data_r, size_t len)
{
	char *data = data_r;

	while (len > 0) {
		ssize_t got = getrandom(data, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fprintf(stderr, "boxoffice: no random bytes: %s\n", strerror(errno));
			_Exit(EXIT_FAILURE);
		}
		data += got;
		len -= (size_t)got;
	}
}

bool
text_is_equal_ct(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *left = a, *right = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < len; i++)
		difference |= left[i] ^ right[i];
	return difference == 0;
}
