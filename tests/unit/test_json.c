/* JSON in: what is taken as JSON, and how values are read. */
#include "config.h"

#include "test_json.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fail.h"
#include "json/jin.h"
#include "test_json_corpus.h"
#include "unit.h"

/* On the heap without a NUL behind it, so that a sanitizer sees a read past the end. */
static enum err
parse(const char *text, size_t len, struct failure *failure, const struct jval **value_r)
{
	char *copy = malloc(len > 0 ? len : 1);
	enum err err;

	memcpy(copy, text, len);
	err = jin_parse(unit_arena(), copy, len, failure, value_r);
	free(copy);
	return err;
}

const struct jval *
test_json_value(const char *text)
{
	const struct jval *value = NULL;

	UNIT_I64(ERR_OK, parse(text, strlen(text), NULL, &value));
	return value;
}

static void
test_corpus(void)
{
	for (size_t i = 0; i < sizeof(corpus) / sizeof(*corpus); i++) {
		const struct corpus_row *row = &corpus[i];
		const char *kind = strncmp(row->name, "i_", 2) == 0 ? row->name + 2 : row->name;
		const struct jval *value = NULL;
		struct failure failure;
		enum err err;

		unit_row(row->name);
		failure_init(&failure, unit_arena());
		err = parse(row->text, row->len, &failure, &value);
		if (kind[0] == 'y') {
			UNIT_I64(ERR_OK, err);
			UNIT_TRUE(value != NULL);
			UNIT_I64(CODE_NONE, failure.code);
			continue;
		}
		UNIT_I64(ERR_INVALID, err);
		UNIT_TRUE(value == NULL);
		if (!strstr(row->name, "nul_in_key"))
			UNIT_I64(CODE_BAD_JSON, failure.code);
		else
			UNIT_I64(CODE_VALIDATION_FAILED, failure.code);
		/* The same without anybody to tell. */
		UNIT_I64(ERR_INVALID, parse(row->text, row->len, NULL, &value));
	}
}

static void
test_cut(void)
{
	static const char text[] = "{\"a\":[1,-2.5e3,\"\\ud83d\\ude39\\n\"],\"b\":{\"c\":null}}";
	const struct jval *value;

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		UNIT_I64(ERR_INVALID, parse(text, len, NULL, &value));
	UNIT_I64(ERR_OK, parse(text, sizeof(text) - 1, NULL, &value));
}

/* A failed text leaves nothing behind in the parser. */
static void
test_after_failure(void)
{
	const struct jval *value;

	UNIT_I64(ERR_INVALID, parse("[1,", 3, NULL, &value));
	UNIT_I64(ERR_OK, parse("7", 1, NULL, &value));
	UNIT_I64(7, jin_i64(value));
	UNIT_I64(ERR_INVALID, parse("12]", 3, NULL, &value));
	UNIT_I64(ERR_OK, parse("[]", 2, NULL, &value));
	UNIT_I64(0, jin_array_length(value));
}

static void
test_integers(void)
{
	static const struct {
		const char *text;
		bool is_i64;
		int64_t number;
	} rows[] = {
		{"0", true, 0},
		{"-0", true, 0},
		{"42", true, 42},
		{"-42", true, -42},
		{"9007199254740992", true, JIN_INT_MAX},
		{"-9007199254740992", true, -JIN_INT_MAX},
		{"9007199254740993", false, 0},
		{"-9007199254740993", false, 0},
		{"9223372036854775807", false, 0},
		{"-9223372036854775808", false, 0},
		{"18446744073709551615", false, 0},
		{"18446744073709551616", false, 0},
		{"99999999999999999999999999", false, 0},
		{"-99999999999999999999999999", false, 0},
		{"1.0", false, 0},
		{"-0.0", false, 0},
		{"1e3", false, 0},
		{"1E0", false, 0},
		{"\"12\"", false, 0},
		{"true", false, 0},
		{"null", false, 0},
		{"[1]", false, 0},
		{"{}", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct jval *value = test_json_value(rows[i].text);

		unit_row(rows[i].text);
		UNIT_I64(rows[i].is_i64, jin_is_i64(value));
		if (rows[i].is_i64)
			UNIT_I64(rows[i].number, jin_i64(value));
	}
}

static void
test_types(void)
{
	static const char *const texts[] = {"{}", "[]", "\"\"", "1", "true", "null"};
	static bool (*const tests[])(const struct jval *value) = {
		jin_is_object, jin_is_array, jin_is_text, jin_is_i64, jin_is_bool, jin_is_null};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct jval *value = test_json_value(texts[i]);

		unit_row(texts[i]);
		for (size_t k = 0; k < sizeof(tests) / sizeof(*tests); k++)
			UNIT_I64(i == k, tests[k](value));
	}
	for (size_t k = 0; k < sizeof(tests) / sizeof(*tests); k++)
		UNIT_FALSE(tests[k](NULL));
}

static void
test_reading(void)
{
	const struct jval *value = test_json_value("{\"name\":\"\\ud55c\\uae00\",\"n\":3,\"yes\":"
						   "true,\"none\":null,\"list\":[1,null]}");

	UNIT_TEXT("\xed\x95\x9c\xea\xb8\x80", jin_get_text(value, "name"));
	UNIT_I64(3, jin_get_i64(value, "n"));
	UNIT_I64(3, jin_get_i64_or(value, "n", 9));
	UNIT_I64(9, jin_get_i64_or(value, "missing", 9));
	UNIT_I64(9, jin_get_i64_or(value, "none", 9));
	UNIT_TRUE(jin_get_bool(value, "yes"));
	UNIT_TRUE(jin_get(value, "none") == NULL);
	UNIT_TRUE(jin_get_text(value, "none") == NULL);
	UNIT_TRUE(jin_get(value, "missing") == NULL);
	UNIT_I64(2, jin_array_length(jin_get(value, "list")));
	UNIT_I64(1, jin_i64(jin_array_at(jin_get(value, "list"), 0)));
	UNIT_TRUE(jin_is_null(jin_array_at(jin_get(value, "list"), 1)));
}

static void
test_walk(void)
{
	const struct jval *value = test_json_value("{\"b\":1,\"a\":null,\"c\":[]}"), *member;
	static const char *const keys[] = {"b", "a", "c"};
	size_t cursor = 0, count = 0;
	const char *key;

	while (jin_object_next(value, &cursor, &key, &member)) {
		UNIT_TEXT(count < 3 ? keys[count] : NULL, key);
		UNIT_I64(count == 1, jin_is_null(member));
		count++;
	}
	UNIT_I64(3, count);
	cursor = 0;
	UNIT_FALSE(jin_object_next(test_json_value("{}"), &cursor, &key, &member));
}

static void
test_nul_length(void)
{
	const struct jval *value = test_json_value("\"a\\u0000b\"");

	UNIT_I64(3, jin_text_length(value));
	UNIT_I64(1, strlen(jin_text(value)));
}

static void
read_wrong_member(void *context)
{
	(void)context;
	(void)jin_get_i64(test_json_value("{\"n\":\"1\"}"), "n");
}

static void
read_missing_member(void *context)
{
	(void)context;
	(void)jin_get_i64(test_json_value("{}"), "n");
}

static void
test_bugs(void)
{
	UNIT_I64(SIGABRT, unit_ends_by(read_wrong_member, NULL));
	UNIT_I64(SIGABRT, unit_ends_by(read_missing_member, NULL));
}

/* Half a million elements. */
static void
test_large(void)
{
	size_t len = (size_t)1 << 20;
	const struct jval *value;
	char *text = malloc(len);

	memset(text, '1', len);
	text[0] = '[';
	for (size_t i = 2; i < len; i += 2)
		text[i] = ',';
	text[len - 1] = ']';
	text[len - 2] = '1';
	text[len - 3] = '1';
	UNIT_I64(ERR_OK, jin_parse(unit_arena(), text, len, NULL, &value));
	free(text);
}

static const struct unit_case parsing[] = {
	{"the corpus is taken and refused as its names say", test_corpus},
	{"each prefix of a text is refused", test_cut},
	{"a refused text leaves nothing behind", test_after_failure},
	{"a large body is read", test_large},
	{NULL, NULL},
};

static const struct unit_case reading[] = {
	{"integers are whole, within 2^53 and written so", test_integers},
	{"each value has one type", test_types},
	{"members are read by name", test_reading},
	{"members are walked in order", test_walk},
	{"a text knows its length past a NUL", test_nul_length},
	{"a wrong member of a trusted document is a bug", test_bugs},
	{NULL, NULL},
};

int
main(void)
{
	const struct unit_suite suites[] = {
		{"json parsing", parsing},
		{"json reading", reading},
		{"json shapes", test_json_shape_cases},
		{"documents of our own", test_json_doc_cases},
		{"json writing", test_json_out_cases},
		{NULL, NULL},
	};

	return unit_run(suites);
}
