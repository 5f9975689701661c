/* Shapes: one table a type, and the rules of the whole. */
#include "config.h"

#include "test_json.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fail.h"
#include "json/jin.h"

struct target {
	const char *text;
	int64_t number;
	bool flag;
	struct uuid uuid;
	int64_t time;
	const char *word;
	struct jin_i64s set;
	struct jin_map map;
	struct part {
		int64_t count;
		int64_t step;
		const char *word;
	} part;
	bool has_part;
	struct jin_objects parts;
	int64_t parts_in_short;
	const char *date;
	const char *email;
	const char *phone;
	bool is_phone_given;
	bool is_number_given;
};

static const char *const words[] = {"red", "green", NULL};

#define MEMBER(name) .offset = offsetof(struct target, name)
#define PART(name) .offset = offsetof(struct part, name)

static const struct jin_field part_fields[] = {
	{.name = "count",
	 .type = JIN_I64,
	 PART(count),
	 .is_required = true,
	 .min = 1,
	 .max = 9,
	 .says = "must be 1 to 9"},
	{.name = "step",
	 .type = JIN_I64,
	 PART(step),
	 .is_nullable = true,
	 .min = 1,
	 .max = 9,
	 .otherwise = 3},
	{.name = "word", .type = JIN_ENUM, PART(word), .values = words},
	{.name = NULL},
};

static const struct jin_shape part_shape = {
	.name = "Part", .fields = part_fields, .size = sizeof(struct part)};

static const struct jin_field fields[] = {
	{.name = "text", .type = JIN_TEXT, MEMBER(text), .min = 1, .max = 5},
	{.name = "number", .type = JIN_I64, MEMBER(number), .min = -5, .max = 10},
	{.name = "flag", .type = JIN_BOOL, MEMBER(flag)},
	{.name = "uuid", .type = JIN_UUID, MEMBER(uuid)},
	{.name = "time", .type = JIN_TIME, MEMBER(time)},
	{.name = "word", .type = JIN_ENUM, MEMBER(word), .values = words},
	{.name = "set", .type = JIN_I64_SET, MEMBER(set), .max = 99, .count_max = 4},
	{.name = "map", .type = JIN_I64_MAP, MEMBER(map), .min = 1, .max = 9, .count_max = 2},
	{.name = "part",
	 .type = JIN_OBJECT,
	 MEMBER(part),
	 .given_offset = offsetof(struct target, has_part),
	 .shape = &part_shape},
	{.name = "parts", .type = JIN_OBJECTS, MEMBER(parts), .count_max = 3, .shape = &part_shape},
	{.name = "parts",
	 .type = JIN_I64,
	 MEMBER(parts_in_short),
	 .is_other_form = true,
	 .min = 1,
	 .max = 3},
	{.name = "date", .type = JIN_DATE, MEMBER(date)},
	{.name = "email", .type = JIN_TEXT, MEMBER(email), .min = 1, .max = 300, .format = "email"},
	{.name = "phone",
	 .type = JIN_TEXT,
	 MEMBER(phone),
	 .given_offset = offsetof(struct target, is_phone_given),
	 .is_nullable = true,
	 .max = 20,
	 .format = "phone"},
	{.name = NULL},
};

static const struct jin_shape shape = {
	.name = "Everything", .fields = fields, .size = sizeof(struct target)};

static struct target target;
static struct failure failure;

static enum err
read_as(const char *text, const struct jin_shape *as)
{
	memset(&target, 0, sizeof(target));
	failure_init(&failure, unit_arena());
	return jin_read(unit_arena(), text ? test_json_value(text) : NULL, as, &target, &failure);
}

/* Expected violation as "field: message"; NULL: the text fits. */
struct row {
	const char *text, *violation;
};

static void
check_rows(const struct row *rows)
{
	for (; rows->text; rows++) {
		const struct violation *violation;
		enum err err;

		unit_row(rows->text);
		err = read_as(rows->text, &shape);
		violation = failure.violations;
		UNIT_I64(rows->violation ? ERR_INVALID : ERR_OK, err);
		UNIT_I64(rows->violation ? CODE_VALIDATION_FAILED : CODE_NONE, failure.code);
		UNIT_TEXT(rows->violation,
			  violation ? arena_printf(unit_arena(), "%s: %s", violation->field,
						   violation->message)
				    : NULL);
		UNIT_TRUE(!violation || !violation->next);
	}
}

static void
test_text(void)
{
	static const struct row rows[] = {
		{"{\"text\":\"a\"}", NULL},
		{"{\"text\":\"\xed\x95\x9c\xea\xb8\x80\xed\x95\x9c\xea\xb8\x80\xed\x95\x9c\"}",
		 NULL},
		{"{\"text\":\"\"}", "text: must have 1 to 5 characters"},
		{"{\"text\":\"123456\"}", "text: must have 1 to 5 characters"},
		{"{\"text\":1}", "text: must be a string"},
		{"{\"text\":[\"a\"]}", "text: must be a string"},
		{"{\"text\":null}", "text: must not be null"},
		{"{\"text\":\"a\\u0000b\"}", "text: must not contain NUL"},
		{"{\"text\":\"\\u0000\"}", "text: must not contain NUL"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"text\":\"row\"}", &shape));
	UNIT_TEXT("row", target.text);
}

static void
test_formats(void)
{
	static const struct row rows[] = {
		{"{\"email\":\"a@b\"}", NULL},
		{"{\"email\":\"first.last+tag@example.com\"}", NULL},
		{"{\"email\":\"\xed\x95\x9c@example.kr\"}", NULL},
		{"{\"email\":\"@b\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@b@c\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@@\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a b@c\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@c \"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@c\\n\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a\x7f@c\"}", "email: must be an e-mail address"},
		{"{\"email\":\"a@c\\u0000\"}", "email: must not contain NUL"},
		{"{\"phone\":\"+1234567\"}", NULL},
		{"{\"phone\":\"+123456789012345\"}", NULL},
		{"{\"phone\":null}", NULL},
		{"{\"phone\":\"\"}", "phone: must be + and 7 to 15 digits"},
		{"{\"phone\":\"+123456\"}", "phone: must be + and 7 to 15 digits"},
		{"{\"phone\":\"+1234567890123456\"}", "phone: must be + and 7 to 15 digits"},
		{"{\"phone\":\"12345678\"}", "phone: must be + and 7 to 15 digits"},
		{"{\"phone\":\"+12-345678\"}", "phone: must be + and 7 to 15 digits"},
		{NULL, NULL},
	};
	char text[400];

	check_rows(rows);
	for (int local = 250; local <= 254; local++) {
		snprintf(text, sizeof(text), "{\"email\":\"%0*d@bc\"}", local, 0);
		UNIT_I64(local + 3 <= 254 ? ERR_OK : ERR_INVALID, read_as(text, &shape));
	}
}

static void
test_i64(void)
{
	static const struct row rows[] = {
		{"{\"number\":-5}", NULL},
		{"{\"number\":10}", NULL},
		{"{\"number\":-0}", NULL},
		{"{\"number\":-6}", "number: must be between -5 and 10"},
		{"{\"number\":11}", "number: must be between -5 and 10"},
		{"{\"number\":1.0}", "number: must be an integer"},
		{"{\"number\":1e0}", "number: must be an integer"},
		{"{\"number\":\"1\"}", "number: must be an integer"},
		{"{\"number\":true}", "number: must be an integer"},
		{"{\"number\":99999999999999999999}", "number: must be an integer"},
		{"{\"number\":null}", "number: must not be null"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"number\":7}", &shape));
	UNIT_I64(7, target.number);
}

static void
test_small_types(void)
{
	static const struct row rows[] = {
		{"{\"flag\":true}", NULL},
		{"{\"flag\":0}", "flag: must be true or false"},
		{"{\"flag\":\"true\"}", "flag: must be true or false"},
		{"{\"uuid\":\"0f0e0d0c-0b0a-4908-8706-050403020100\"}", NULL},
		{"{\"uuid\":\"0f0e0d0c-0b0a-4908-8706-05040302010\"}", "uuid: must be a UUID"},
		{"{\"uuid\":\"0f0e0d0c0b0a49088706050403020100\"}", "uuid: must be a UUID"},
		{"{\"uuid\":\"\"}", "uuid: must be a UUID"},
		{"{\"uuid\":5}", "uuid: must be a string"},
		{"{\"uuid\":\"0f0e0d0c-0b0a-4908-8706-050403020100\\u0000\"}",
		 "uuid: must not contain NUL"},
		{"{\"word\":\"green\"}", NULL},
		{"{\"word\":\"Green\"}", "word: must be one of red, green"},
		{"{\"word\":\"\"}", "word: must be one of red, green"},
		{"{\"word\":\"red\\u0000\"}", "word: must not contain NUL"},
		{"{\"word\":0}", "word: must be a string"},
		{"{\"time\":\"2026-11-21T19:30:00+09:00\"}", NULL},
		{"{\"time\":\"2026-11-21\"}",
		 "time: must be a time such as 2026-11-21T19:30:00+09:00"},
		{"{\"time\":\"2026-02-30T00:00:00Z\"}",
		 "time: must be a time such as 2026-11-21T19:30:00+09:00"},
		{"{\"time\":1795255800}", "time: must be a string"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"time\":\"1970-01-01T09:00:05+09:00\",\"word\":\"red\","
				 "\"flag\":true}",
				 &shape));
	UNIT_I64(5, target.time);
	UNIT_TRUE(target.word == words[0]);
	UNIT_TRUE(target.flag);
}

static void
test_set(void)
{
	static const struct row rows[] = {
		{"{\"set\":[0]}", NULL},
		{"{\"set\":[4,3,2,1]}", NULL},
		{"{\"set\":[]}", "set: must have 1 to 4 elements"},
		{"{\"set\":[1,2,3,4,5]}", "set: must have 1 to 4 elements"},
		{"{\"set\":[5,3,5]}", "set[2]: must not be there twice"},
		{"{\"set\":[1,100]}", "set[1]: must be between 0 and 99"},
		{"{\"set\":[-1]}", "set[0]: must be between 0 and 99"},
		{"{\"set\":[1,2,\"3\"]}", "set[2]: must be an integer"},
		{"{\"set\":[1.0]}", "set[0]: must be an integer"},
		{"{\"set\":[null]}", "set[0]: must be an integer"},
		{"{\"set\":{\"0\":1}}", "set: must be an array"},
		{"{\"set\":1}", "set: must be an array"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"set\":[42,7,99]}", &shape));
	UNIT_I64(3, target.set.count);
	UNIT_I64(7, target.set.items[0]);
	UNIT_I64(42, target.set.items[1]);
	UNIT_I64(99, target.set.items[2]);
	UNIT_I64(1, target.set.places[0]);
	UNIT_I64(0, target.set.places[1]);
	UNIT_I64(2, target.set.places[2]);
}

static void
test_map(void)
{
	static const struct row rows[] = {
		{"{\"map\":{\"VIP\":1,\"R\":9}}", NULL},
		{"{\"map\":{}}", "map: must have 1 to 2 members"},
		{"{\"map\":{\"a\":1,\"b\":1,\"c\":1}}", "map: must have 1 to 2 members"},
		{"{\"map\":{\"a\":0}}", "map.a: must be between 1 and 9"},
		{"{\"map\":{\"a\":1.5}}", "map.a: must be an integer"},
		{"{\"map\":{\"a\":null}}", "map.a: must be an integer"},
		{"{\"map\":[1]}", "map: must be an object"},
		{"{\"map\":{\"\u00e9\":1,\"e\u0301\":1}}",
		 "map.e\xcc\x81: must not be there twice"},
		{"{\"map\":{\"a\":1,\"a \":1}}", "map.a : must not be there twice"},
		{"{\"map\":{\"a\u200b\":1}}", "map.a\xe2\x80\x8b: has a name that must not contain "
					      "control or invisible characters"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"map\":{\"VIP\":5}}", &shape));
	UNIT_I64(1, target.map.count);
	UNIT_TEXT("VIP", target.map.names[0]);
	UNIT_I64(5, target.map.numbers[0]);
	UNIT_I64(0, (int64_t)jin_map_find(&target.map, "VIP"));
	UNIT_I64(1, (int64_t)jin_map_find(&target.map, "R"));
}

static void
test_choice(void)
{
	static const struct jin_field choices[] = {
		{.name = "text", .type = JIN_TEXT, MEMBER(text), .is_choice = true, .max = 5},
		{.name = "number", .type = JIN_I64, MEMBER(number), .is_choice = true, .max = 9},
		{.name = "flag", .type = JIN_BOOL, MEMBER(flag)},
		{.name = NULL},
	};
	static const struct jin_shape choice = {
		.name = "Choice", .fields = choices, .size = sizeof(struct target)};
	static const struct {
		const char *text;
		enum err err;
	} rows[] = {
		{"{\"text\":\"a\"}", ERR_OK},
		{"{\"number\":1,\"flag\":true}", ERR_OK},
		{"{\"text\":\"a\",\"number\":1}", ERR_INVALID},
		{"{\"flag\":true}", ERR_INVALID},
		{"{}", ERR_INVALID},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].text);
		UNIT_I64(rows[i].err, read_as(rows[i].text, &choice));
	}
}

static void
test_object(void)
{
	static const struct row rows[] = {
		{"{\"part\":{\"count\":1}}", NULL},
		{"{\"part\":{\"count\":9,\"word\":\"red\",\"step\":null}}", NULL},
		{"{\"part\":{}}", "part.count: is required"},
		{"{\"part\":{\"count\":null}}", "part.count: must be 1 to 9"},
		{"{\"part\":{\"count\":10}}", "part.count: must be 1 to 9"},
		{"{\"part\":{\"count\":1,\"step\":\"1\"}}", "part.step: must be an integer"},
		{"{\"part\":{\"count\":1,\"word\":\"r\\u0000\"}}",
		 "part.word: must not contain NUL"},
		{"{\"part\":{\"count\":1,\"more\":1}}",
		 "part.more: is not a field of this request"},
		{"{\"part\":[]}", "part: must be an object"},
		{"{\"part\":null}", "part: must not be null"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{}", &shape));
	UNIT_FALSE(target.has_part);
	UNIT_I64(ERR_OK, read_as("{\"part\":{\"count\":2}}", &shape));
	UNIT_TRUE(target.has_part);
	UNIT_I64(2, target.part.count);
	UNIT_I64(3, target.part.step);
}

static void
test_objects(void)
{
	static const struct row rows[] = {
		{"{\"parts\":[{\"count\":1}]}", NULL},
		{"{\"parts\":2}", NULL},
		{"{\"parts\":[]}", "parts: must be an array that is not empty"},
		{"{\"parts\":[{\"count\":1},{\"count\":1},{\"count\":1},{\"count\":1}]}",
		 "parts: must have at most 3 elements"},
		{"{\"parts\":[{\"count\":1},7]}", "parts[1]: must be an object"},
		{"{\"parts\":[{\"count\":1},{\"count\":1,\"step\":0}]}",
		 "parts[1].step: must be between 1 and 9"},
		{"{\"parts\":[{\"count\":1,\"x\":0}]}",
		 "parts[0].x: is not a field of this request"},
		{"{\"parts\":4}", "parts: must be between 1 and 3"},
		{"{\"parts\":\"a\"}", "parts: must be an integer"},
		{NULL, NULL},
	};
	const struct part *parts;

	check_rows(rows);
	UNIT_I64(ERR_OK, read_as("{\"parts\":[{\"count\":4},{\"count\":5,\"step\":6}]}", &shape));
	parts = target.parts.items;
	UNIT_I64(2, target.parts.count);
	UNIT_I64(4, parts[0].count);
	UNIT_I64(3, parts[0].step);
	UNIT_I64(5, parts[1].count);
	UNIT_I64(6, parts[1].step);
	UNIT_I64(0, target.parts_in_short);
	UNIT_I64(ERR_OK, read_as("{\"parts\":2}", &shape));
	UNIT_I64(2, target.parts_in_short);
	UNIT_I64(0, target.parts.count);
}

/* What makes a thing, read as what changes it. */
static void
test_change(void)
{
	static const struct jin_shape change = {.name = "Change",
						.fields = part_fields,
						.size = sizeof(struct part),
						.is_change = true};
	struct part part = {.count = 0};

	failure_init(&failure, unit_arena());
	UNIT_I64(ERR_OK, jin_read(unit_arena(), test_json_value("{\"word\":\"red\"}"), &change,
				  &part, &failure));
	UNIT_I64(0, part.count);
	UNIT_I64(0, part.step);
	UNIT_TEXT("red", part.word);
	UNIT_I64(ERR_INVALID, jin_read(unit_arena(), test_json_value("{\"step\":null}"), &change,
				       &part, &failure));
	UNIT_TEXT("must not be null", failure.violations->message);
}

static void
test_query(void)
{
	static const struct {
		const char *name, *value, *message;
	} rows[] = {
		{"text", "abc", NULL},
		{"text", "", "must have 1 to 5 characters"},
		{"text", "abcdef", "must have 1 to 5 characters"},
		{"number", "10", NULL},
		{"number", "-5", NULL},
		{"number", "11", "must be -5 to 10"},
		{"number", "", "must be -5 to 10"},
		{"number", " 1", "must be -5 to 10"},
		{"number", "1.0", "must be -5 to 10"},
		{"number", "99999999999999999999", "must be -5 to 10"},
		{"word", "green", NULL},
		{"word", "Green", "must be one of red, green"},
		{"date", "2028-02-29", NULL},
		{"date", "2027-02-29", "must be a day such as 2026-11-21"},
		{"date", "2026-1-1", "must be a day such as 2026-11-21"},
		{"date", "", "must be a day such as 2026-11-21"},
		{"other", "", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct jin_pair pair = {.name = rows[i].name, .value = rows[i].value};

		unit_row(rows[i].value);
		memset(&target, 0, sizeof(target));
		failure_init(&failure, unit_arena());
		UNIT_I64(rows[i].message ? ERR_INVALID : ERR_OK,
			 jin_read_query(unit_arena(), &pair, 1, &shape, &target, &failure));
		UNIT_TEXT(rows[i].message, failure.violations ? failure.violations->message : NULL);
		if (failure.violations)
			UNIT_TEXT(rows[i].name, failure.violations->field);
	}
}

static void
test_given(void)
{
	static const struct jin_field given[] = {
		{.name = "number",
		 .type = JIN_I64,
		 MEMBER(number),
		 .given_offset = offsetof(struct target, is_number_given),
		 .is_nullable = true,
		 .max = 9,
		 .otherwise = 7},
		{.name = "phone",
		 .type = JIN_TEXT,
		 MEMBER(phone),
		 .given_offset = offsetof(struct target, is_phone_given),
		 .is_nullable = true,
		 .max = 20},
		{.name = NULL},
	};
	static const struct jin_shape change = {.name = "Change",
						.fields = given,
						.size = sizeof(struct target),
						.is_change = true};
	static const struct jin_shape whole = {
		.name = "Whole", .fields = given, .size = sizeof(struct target)};
	static const struct {
		const char *text;
		const struct jin_shape *as;
		bool is_phone_given, is_number_given;
		int64_t number;
	} rows[] = {
		{"{}", &change, false, false, 0},
		{"{\"phone\":null,\"number\":null}", &change, true, true, 7},
		{"{\"phone\":\"+12345678\",\"number\":3}", &change, true, true, 3},
		{"{}", &whole, false, false, 7},
		{"{\"phone\":null,\"number\":null}", &whole, false, false, 7},
		{"{\"phone\":\"+12345678\",\"number\":3}", &whole, true, true, 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].text);
		UNIT_I64(ERR_OK, read_as(rows[i].text, rows[i].as));
		UNIT_I64(rows[i].is_phone_given, target.is_phone_given);
		UNIT_I64(rows[i].is_number_given, target.is_number_given);
		UNIT_I64(rows[i].number, target.number);
		UNIT_TEXT(strchr(rows[i].text, '+') ? "+12345678" : NULL, target.phone);
	}
}

static void
test_whole(void)
{
	static const struct jin_field required[] = {
		{.name = "text", .type = JIN_TEXT, MEMBER(text), .is_required = true, .max = 5},
		{.name = NULL},
	};
	static const struct jin_shape needs = {
		.name = "Needs", .fields = required, .size = sizeof(struct target)};
	static const struct jin_field told[] = {
		{.name = "text",
		 .type = JIN_TEXT,
		 MEMBER(text),
		 .is_required = true,
		 .max = 5,
		 .says = "must be short"},
		{.name = NULL},
	};
	static const struct jin_shape says = {
		.name = "Says", .fields = told, .size = sizeof(struct target)};
	static const struct row rows[] = {
		{"{\"other\":1}", "other: is not a field of this request"},
		{"{\"Text\":\"a\"}", "Text: is not a field of this request"},
		{"{\"\":1}", ": is not a field of this request"},
		{"[]", ": the body must be an object"},
		{"null", ": the body must be an object"},
		{"1", ": the body must be an object"},
		{"\"\"", ": the body must be an object"},
		{NULL, NULL},
	};

	check_rows(rows);
	UNIT_I64(ERR_INVALID, read_as("{}", &needs));
	UNIT_TEXT("is required", failure.violations->message);
	UNIT_I64(ERR_INVALID, read_as(NULL, &needs));
	UNIT_TEXT("is required", failure.violations->message);
	UNIT_I64(ERR_INVALID, read_as("{}", &says));
	UNIT_TEXT("is required", failure.violations->message);
	UNIT_I64(ERR_INVALID, read_as("{\"text\":7}", &says));
	UNIT_TEXT("must be short", failure.violations->message);
	UNIT_I64(ERR_OK, read_as(NULL, &shape));
}

static void
test_all_reported(void)
{
	UNIT_I64(ERR_INVALID,
		 read_as("{\"x\":1,\"set\":[1,\"a\",200],\"text\":\"\",\"number\":\"\"}", &shape));
	UNIT_TEXT("text", failure.violations->field);
	UNIT_TEXT("number", failure.violations->next->field);
	UNIT_TEXT("set[1]", failure.violations->next->next->field);
	UNIT_TEXT("set[2]", failure.violations->next->next->next->field);
	UNIT_TEXT("x", failure.violations->next->next->next->next->field);
}

/* A long name of the client's is cut between two characters. */
static void
test_long_name(void)
{
	struct buf text;

	buf_init(&text, unit_arena());
	buf_puts(&text, "{\"a");
	for (int i = 0; i < 40; i++)
		buf_puts(&text, "\xed\x95\x9c");
	buf_puts(&text, "\":1}");
	UNIT_I64(ERR_INVALID, read_as(buf_text(&text), &shape));
	UNIT_I64(1 + 21 * 3, strlen(failure.violations->field));
}

const struct unit_case test_json_shape_cases[] = {
	{"texts have a length in code points and no NUL", test_text},
	{"e-mail addresses and phone numbers have a form", test_formats},
	{"integers have a range and are not coerced", test_i64},
	{"booleans, ids, words and times have their form", test_small_types},
	{"sets are sorted, bounded and hold nothing twice", test_set},
	{"maps are bounded", test_map},
	{"of members that exclude each other one is there", test_choice},
	{"an object is read by a shape of its own", test_object},
	{"an array of objects has a bound and names its places", test_objects},
	{"what changes a thing asks for nothing and knows no default", test_change},
	{"a query is read from its texts", test_query},
	{"null is told from absent in a change", test_given},
	{"unknown and missing members are refused", test_whole},
	{"all violations are reported at once", test_all_reported},
	{"an unknown name is shown cut", test_long_name},
	{NULL, NULL},
};
