/* Which characters a text may have, and the form in which it is kept. */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "unit.h"
#include "words/words.h"

/* One character each of the list. NUL cannot be in a text. */
static const char *const invisible[] = {
	"\x01",
	"\x1b",
	"\x7f",
	"\xc2\x85",
	"\xc2\xad",
	"\xcd\x8f",
	"\xd8\x9c",
	"\xe1\x85\x9f",
	"\xe1\x9e\xb4",
	"\xe1\xa0\x8e",
	"\xe2\x80\x8b",
	"\xe2\x80\x8d",
	"\xe2\x80\x8f",
	"\xe2\x80\xa8",
	"\xe2\x80\xae",
	"\xe2\x81\xa0",
	"\xe2\x81\xa6",
	"\xe2\x81\xa9",
	"\xe3\x85\xa4",
	"\xef\xb7\x90",
	"\xef\xbb\xbf",
	"\xef\xbe\xa0",
	"\xef\xbf\xb9",
	"\xef\xbf\xbe",
	"\xef\xbf\xbf",
	"\xf0\x9f\xbf\xbe",
	"\xf0\xaf\xbf\xbf",
	"\xf4\x8f\xbf\xbf",
	"\xf0\x9b\xb2\xa0",
	"\xf0\x9d\x85\xb3",
	"\xf3\xa0\x81\x81",
};

/* What becomes of the text: it, or its normal form, or "!" and why it is refused. */
static const char *
taken(enum words_kind kind, const char *text)
{
	const char *says = NULL, *result = words_take(unit_arena(), kind, text, &says);

	return result ? result : arena_printf(unit_arena(), "!%s", says);
}

static void
test_invisible(void)
{
	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++) {
		const char *text = arena_printf(unit_arena(), "a%sb", invisible[i]);

		unit_row(arena_printf(unit_arena(), "row %zu", i));
		UNIT_TEXT("!must not contain control or invisible characters",
			  taken(WORDS_LINE, text));
		UNIT_TEXT("!must not contain control or invisible characters",
			  taken(WORDS_LINES, text));
		UNIT_TEXT("!must not contain control or invisible characters",
			  taken(WORDS_ADDRESS, text));
		UNIT_TEXT(text, taken(WORDS_SCANNED, text));
		UNIT_TEXT(text, taken(WORDS_SECRET, text));
		UNIT_TEXT("ab", words_clean(unit_arena(), text));
	}
}

static void
test_kinds(void)
{
	static const struct {
		const char *name, *text;
		const char *as[WORDS_KIND_MAX]; /* by kind; NULL: refused */
	} rows[] = {
		{"plain", "Hamlet", {"Hamlet", "Hamlet", "Hamlet", "Hamlet", "Hamlet"}},
		{"Korean",
		 "\xed\x95\x9c",
		 {"\xed\x95\x9c", "\xed\x95\x9c", "\xed\x95\x9c", "\xed\x95\x9c", "\xed\x95\x9c"}},
		{"Korean in letters",
		 "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
		 {"\xed\x95\x9c", "\xed\x95\x9c", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
		  "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"}},
		{"a letter and its mark",
		 "e\xcc\x81",
		 {"\xc3\xa9", "\xc3\xa9", "e\xcc\x81", "e\xcc\x81", "e\xcc\x81"}},
		{"the Kelvin sign",
		 "\xe2\x84\xaa",
		 {"K", "K", "\xe2\x84\xaa", "\xe2\x84\xaa", "\xe2\x84\xaa"}},
		{"spaces around", "  a b ", {"a b", "a b", NULL, "a b", "  a b "}},
		{"other spaces around",
		 "\xc2\xa0"
		 "a\xe3\x80\x80",
		 {"a", "a", NULL, "a",
		  "\xc2\xa0"
		  "a\xe3\x80\x80"}},
		{"a line break", "a\nb", {NULL, "a\nb", NULL, "a\nb", "a\nb"}},
		{"a line break behind", "a\r\n", {NULL, "a", NULL, "a", "a\r\n"}},
		{"a tab", "a\tb", {NULL, "a\tb", NULL, "a\tb", "a\tb"}},
		{"nothing", "", {"", "", "", "", ""}},
		{"blanks", " \xe2\x80\x83", {NULL, NULL, NULL, NULL, " \xe2\x80\x83"}},
		{"Braille without dots", "\xe2\xa0\x80", {NULL, NULL, NULL, NULL, "\xe2\xa0\x80"}},
		{"a heart in colour",
		 "\xe2\x9d\xa4\xef\xb8\x8f",
		 {"\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f", NULL,
		  "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f"}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (enum words_kind kind = WORDS_LINE; kind < WORDS_KIND_MAX; kind++) {
			const char *got = taken(kind, rows[i].text);

			unit_row(
				arena_printf(unit_arena(), "%s, kind %d", rows[i].name, (int)kind));
			if (rows[i].as[kind])
				UNIT_TEXT(rows[i].as[kind], got);
			else
				UNIT_CONTAINS("!must not ", got);
		}
	}
}

static void
test_marks(void)
{
	char text[1 + 31 * 2 + 1] = "a";

	for (size_t i = 0; i < 31; i++)
		memcpy(text + 1 + i * 2, "\xcc\x96", 3);
	UNIT_TEXT("!must not have more than 30 marks on one letter", taken(WORDS_LINE, text));
	text[sizeof(text) - 3] = '\0';
	UNIT_TEXT(text, taken(WORDS_LINE, text));
}

static void
test_clean(void)
{
	UNIT_TEXT("Ann Kim", words_clean(unit_arena(), "\xe2\x80\xae"
						       "Ann\n Kim "));
	UNIT_TRUE(words_clean(unit_arena(), "\xe2\x80\x8b ") == NULL);
}

static void
test_nfkc(void)
{
	static const struct {
		const char *text, *normal;
	} rows[] = {
		{"plain", "plain"},
		{"", ""},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"cafe\xcc\x81", "caf\xc3\xa9"},
		{"\xef\xbc\xb0\xef\xbd\x81\xef\xbd\x93\xef\xbd\x93", "Pass"}, /* full width */
		{"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"},
		{"\xc2\xa0", " "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].text);
		UNIT_TEXT(rows[i].normal, words_nfkc(unit_arena(), rows[i].text));
	}
}

static const struct unit_case cases[] = {
	{"a character that cannot be seen is refused", test_invisible},
	{"each kind of text has its form", test_kinds},
	{"a letter has at most thirty marks", test_marks},
	{"an older name is shown without what cannot be seen", test_clean},
	{"a password has one form", test_nfkc},
	{NULL, NULL},
};

int
main(void)
{
	static const struct unit_suite suites[] = {{"words", cases}, {NULL, NULL}};

	return unit_run(suites);
}
