#include "config.h"

#include "words/words.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/size.h"

/* Unicode's Stream-Safe Text Format (UAX #15). It bounds the time of normalising, which grows with
 * the square of such a run. */
#define MARKS_MAX 30

struct range {
	int32_t first, last;
};

/* Characters that cannot be seen, or that change what is seen around them. With them two different
 * names look alike, and a line can show its end before its beginning. */
static const struct range refused[] = {
	{0x0000, 0x001f},   /* controls; line breaks and tabs are white space of several lines */
	{0x007f, 0x009f},   /* more controls */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* grapheme joiner */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x115f, 0x1160},   /* Hangul fillers */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels */
	{0x180b, 0x180f},   /* Mongolian selectors and vowel separator */
	{0x200b, 0x200f},   /* zero width, joiners, direction marks */
	{0x2028, 0x202e},   /* separators of lines and paragraphs, direction embeddings */
	{0x2060, 0x206f},   /* word joiner, invisible operators, direction isolates */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xfdd0, 0xfdef},   /* never characters, as the last two of each plane */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* Hangul filler, half width */
	{0xfff0, 0xfffb},   /* interlinear annotation */
	{0xfffe, 0xffff},   /* never characters */
	{0x1bca0, 0x1bca3}, /* shorthand controls */
	{0x1d173, 0x1d17a}, /* musical controls */
	{0xe0000, 0xe00ff}, /* tags */
};

/* White_Space, and the Braille pattern without dots, which looks like a space. */
static const struct range blank[] = {
	{0x0009, 0x000d}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00a0, 0x00a0},
	{0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
	{0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000},
};

/* They choose a form of the character before them: fine in a name, noise in an address. */
static const struct range selectors[] = {{0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool
is_among(const struct range *ranges, size_t count, int32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static bool
is_blank(int32_t c)
{
	return is_among(blank, COUNT(blank), c);
}

static bool
is_line_break(int32_t c)
{
	return c == '\n' || c == '\r' || c == '\t';
}

static bool
is_refused(enum words_kind kind, int32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return kind == WORDS_ADDRESS && c == ' ';
	if (kind == WORDS_LINES && is_line_break(c))
		return false;
	if (kind == WORDS_ADDRESS && (is_blank(c) || is_among(selectors, COUNT(selectors), c)))
		return true;
	return (c & 0xfffe) == 0xfffe || is_among(refused, COUNT(refused), c);
}

/* The next character; moves `text` behind it. The caller has checked the UTF-8. */
static int32_t
next(const char **text)
{
	int32_t c;
	const utf8proc_ssize_t size = utf8proc_iterate((const uint8_t *)*text, -1, &c);

	assert(size > 0);
	*text += size;
	return c;
}

/* NULL when every character may be there. */
static const char *
complaint(enum words_kind kind, const char *text)
{
	unsigned marks = 0;

	while (*text != '\0') {
		const int32_t c = next(&text);

		/* guard: characters */
		if (is_refused(kind, c))
			return "must not contain control or invisible characters";
		marks = c >= 0x300 && utf8proc_get_property(c)->combining_class != 0 ? marks + 1
										     : 0;
		/* guard: marks */
		if (marks > MARKS_MAX)
			return "must not have more than 30 marks on one letter";
	}
	return NULL;
}

static const char *
trim(struct arena *arena, const char *text)
{
	const char *at = text, *from = NULL, *end = text;

	while (*at != '\0') {
		const char *start = at;

		if (is_blank(next(&at)))
			continue;
		if (from == NULL)
			from = start;
		end = at;
	}
	if (from == NULL)
		return "";
	return from == text && end == at ? text : arena_strndup(arena, from, (size_t)(end - from));
}

/* Characters below U+0300 are in NFC already, but not in NFKC. */
static const char *
normal(struct arena *arena, const char *text, utf8proc_option_t options, unsigned char plain_below)
{
	const size_t len = strlen(text);
	const char *at = text;
	utf8proc_ssize_t count;
	int32_t *characters;

	while (*at != '\0' && (unsigned char)*at < plain_below)
		at++;
	if (*at == '\0')
		return text;
	count = utf8proc_decompose((const uint8_t *)text, (utf8proc_ssize_t)len, NULL, 0, options);
	assert(count >= 0);
	/* One more: the library ends the text that it writes over its characters. */
	characters = arena_calloc(arena, size_add((size_t)count, 1), sizeof(*characters));
	count = utf8proc_decompose((const uint8_t *)text, (utf8proc_ssize_t)len, characters, count,
				   options);
	assert(count >= 0);
	count = utf8proc_reencode(characters, count, options);
	assert(count >= 0);
	return (const char *)characters;
}

const char *
words_take(struct arena *arena, enum words_kind kind, const char *text, const char **says_r)
{
	const char *taken = text, *says = NULL;

	if (kind == WORDS_SECRET)
		return text;
	if (kind != WORDS_SCANNED)
		says = complaint(kind, text);
	if (says == NULL && kind != WORDS_ADDRESS) {
		taken = trim(arena, text);
		/* guard: blank */
		if (taken[0] == '\0' && text[0] != '\0')
			says = "must not be blank";
	}
	if (says != NULL) {
		*says_r = says;
		return NULL;
	}
	if (kind == WORDS_LINE || kind == WORDS_LINES)
		taken = /* guard: NFC */ normal(arena, taken, UTF8PROC_STABLE | UTF8PROC_COMPOSE,
						0xcc);
	return taken;
}

const char *
words_clean(struct arena *arena, const char *text)
{
	const char *at = text, *says;
	struct buf kept;

	buf_init(&kept, arena);
	while (*at != '\0') {
		const char *start = at;

		if (!is_refused(WORDS_LINE, next(&at)))
			buf_put(&kept, start, (size_t)(at - start));
	}
	text = words_take(arena, WORDS_LINE, buf_text(&kept), &says);
	return text == NULL || text[0] == '\0' ? NULL : text;
}

const char *
words_nfkc(struct arena *arena, const char *text)
{
	return normal(arena, text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT, 0x80);
}

/* Characters beyond U+FFFF are left out: the two dialects write them differently. */
static void
put_ranges(struct buf *out, enum words_kind kind, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && ranges[i].last <= 0xffff; i++) {
		const int32_t first = ranges[i].first, last = ranges[i].last;

		if (kind == WORDS_LINES && first == 0)
			buf_puts(out, "\\u0000-\\u0008\\u000b-\\u000c\\u000e-\\u001f");
		else if (first == last)
			buf_printf(out, "\\u%04x", (unsigned)first);
		else
			buf_printf(out, "\\u%04x-\\u%04x", (unsigned)first, (unsigned)last);
	}
}

const char *
words_pattern(struct arena *arena, enum words_kind kind)
{
	struct buf out;

	buf_init(&out, arena);
	buf_puts(&out, kind == WORDS_ADDRESS || kind == WORDS_SECRET ? "^[^" : "^(?!\\s+$)[^");
	if (kind == WORDS_SECRET || kind == WORDS_SCANNED)
		buf_puts(&out, "\\u0000");
	else
		put_ranges(&out, kind, refused, COUNT(refused));
	if (kind == WORDS_ADDRESS)
		buf_puts(&out, "\\s");
	buf_puts(&out, "]*$");
	return buf_text(&out);
}
