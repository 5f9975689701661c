/*
 * The library skips raw control characters, takes NaN and Infinity, replaces half surrogates, reads
 * numbers such as 01 or 1. and silently keeps the last of two equal keys. This scan refuses all of
 * these except equal keys. It counts the keys instead, and the parsed tree must have as many
 * members.
 */
#include "config.h"

#include "json/jscan.h"

#include <string.h>

static bool
refuse(struct jscan *scan, const char *reason)
{
	scan->reason = reason;
	return false;
}

static int
peek(const struct jscan *scan)
{
	return scan->pos < scan->len ? (unsigned char)scan->text[scan->pos] : -1;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* Reads four hex digits at `pos`; -1 when there are not four. */
static int
hex4(const struct jscan *scan, size_t pos)
{
	int number = 0;

	if (scan->len - pos < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int c = (unsigned char)scan->text[pos + i];

		if (is_digit(c))
			number = number * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			number = number * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return number;
}

/* Scans what follows "\u". */
static bool
scan_unicode(struct jscan *scan)
{
	int unit = hex4(scan, scan->pos), low;

	if (unit < 0)
		return refuse(scan, "bad escape");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return refuse(scan, "half a surrogate pair");
	scan->pos += 4;
	scan->has_nul |= unit == 0;
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (scan->len - scan->pos < 6 || memcmp(scan->text + scan->pos, "\\u", 2) != 0)
		return refuse(scan, "half a surrogate pair");
	low = hex4(scan, scan->pos + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(scan, "half a surrogate pair");
	scan->pos += 6;
	return true;
}

/* Scans what follows the opening quote. */
static bool
scan_string(struct jscan *scan)
{
	scan->has_nul = false;
	while (scan->pos < scan->len) {
		unsigned char c = (unsigned char)scan->text[scan->pos++];

		if (c == '"')
			return true;
		if (c < 0x20) {
			scan->pos--;
			return refuse(scan, "control character in a string");
		}
		if (c != '\\')
			continue;
		c = scan->pos < scan->len ? (unsigned char)scan->text[scan->pos] : 0;
		if (c == 0 || !strchr("\"\\/bfnrtu", c))
			return refuse(scan, "bad escape");
		scan->pos++;
		if (c == 'u' && !scan_unicode(scan))
			return false;
	}
	return refuse(scan, "string without end");
}

static bool
scan_digits(struct jscan *scan)
{
	if (!is_digit(peek(scan)))
		return refuse(scan, "bad number");
	while (is_digit(peek(scan)))
		scan->pos++;
	return true;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool
scan_number(struct jscan *scan)
{
	if (peek(scan) == '-')
		scan->pos++;
	if (peek(scan) == '0')
		scan->pos++;
	else if (!scan_digits(scan))
		return false;
	if (is_digit(peek(scan)))
		return refuse(scan, "bad number");
	if (peek(scan) == '.') {
		scan->pos++;
		if (!scan_digits(scan))
			return false;
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		scan->pos++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->pos++;
		if (!scan_digits(scan))
			return false;
	}
	return true;
}

static bool
scan_literal(struct jscan *scan)
{
	static const char *const literals[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
		size_t len = strlen(literals[i]);

		if (scan->len - scan->pos >= len &&
		    memcmp(scan->text + scan->pos, literals[i], len) == 0) {
			scan->pos += len;
			return true;
		}
	}
	return refuse(scan, "unexpected character");
}

static bool
scan_word(struct jscan *scan)
{
	int c = peek(scan);

	switch (c) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
	case ',':
		scan->pos++;
		return true;
	case ':':
		scan->pos++;
		scan->keys++;
		scan->has_nul_key |= scan->has_nul;
		return true;
	case '{':
	case '[':
		/* guard: depth */
		if (scan->depth == JSCAN_DEPTH_MAX)
			return refuse(scan, "nested too deeply");
		scan->pos++;
		scan->depth++;
		return true;
	case '}':
	case ']':
		if (scan->depth == 0)
			return refuse(scan, "unexpected character");
		scan->pos++;
		scan->depth--;
		return true;
	case '"':
		scan->pos++;
		return scan_string(scan);
	default:
		return c == '-' || is_digit(c) ? scan_number(scan) : scan_literal(scan);
	}
}

bool
jscan_text(struct jscan *scan, const char *text, size_t len)
{
	*scan = (struct jscan){.text = text, .len = len};
	while (scan->pos < scan->len) {
		if (!scan_word(scan))
			return false;
	}
	return scan->depth == 0 ? true : refuse(scan, "text ends too early");
}
