/* JSON out: commas, escapes, misuse, and that our own reader takes what is written. */
#include "config.h"

#include "test_json.h"

#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/uuid.h"
#include "json/jin.h"
#include "json/jout.h"

static struct buf buf;
static struct jout out;

static struct jout *
begin(void)
{
	buf_init(&buf, unit_arena());
	jout_init(&out, &buf);
	return &out;
}

static void
test_document(void)
{
	struct uuid uuid;

	begin();
	UNIT_TRUE(uuid_parse("0F0E0D0C-0B0A-4908-8706-050403020100", 36, &uuid));
	jout_object(&out);
	jout_key_text(&out, "text", "a");
	jout_key_text(&out, "none", NULL);
	jout_key_i64(&out, "n", -9007199254740992);
	jout_key_bool(&out, "yes", true);
	jout_key_null(&out, "null");
	jout_key_time(&out, "at", 0);
	jout_key_uuid(&out, "id", &uuid);
	jout_key_raw(&out, "raw", "[1, 2]");
	jout_key(&out, "list");
	jout_array(&out);
	jout_i64(&out, 1);
	jout_text(&out, "b");
	jout_object(&out);
	jout_end(&out);
	jout_array(&out);
	jout_end(&out);
	jout_bool(&out, false);
	jout_null(&out);
	jout_end(&out);
	jout_end(&out);
	UNIT_TEXT("{\"text\":\"a\",\"none\":null,\"n\":-9007199254740992,\"yes\":true,"
		  "\"null\":null,\"at\":\"1970-01-01T00:00:00Z\","
		  "\"id\":\"0f0e0d0c-0b0a-4908-8706-050403020100\",\"raw\":[1, 2],"
		  "\"list\":[1,\"b\",{},[],false,null]}",
		  buf_text(&buf));
	(void)test_json_value(buf_text(&buf));
}

static void
test_escapes(void)
{
	begin();
	jout_text(&out, "q\" b\\ s/ \b\f\n\r\t \x01\x1f \x7f \xed\x95\x9c");
	UNIT_TEXT("\"q\\\" b\\\\ s/ \\b\\f\\n\\r\\t \\u0001\\u001f \x7f \xed\x95\x9c\"",
		  buf_text(&buf));
}

/* Every byte below 128, in a key and in a value, comes back as it was. */
static void
test_round_trip(void)
{
	char text[2] = "", key[2] = "";

	for (int c = 1; c < 128; c++) {
		text[0] = (char)c;
		key[0] = (char)c;
		begin();
		jout_object(&out);
		jout_key_text(&out, key, text);
		jout_end(&out);
		UNIT_TEXT(text, jin_get_text(test_json_value(buf_text(&buf)), key));
	}
	begin();
	jout_text_len(&out, "a\0b", 3);
	UNIT_TEXT("\"a\\u0000b\"", buf_text(&buf));
	UNIT_I64(3, jin_text_length(test_json_value(buf_text(&buf))));
}

static void
test_numbers(void)
{
	static const int64_t numbers[] = {0, 1, -1, 1000000000, JIN_INT_MAX, -JIN_INT_MAX};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		begin();
		jout_i64(&out, numbers[i]);
		UNIT_I64(numbers[i], jin_i64(test_json_value(buf_text(&buf))));
	}
}

static void
test_depth(void)
{
	begin();
	for (int i = 0; i < JOUT_DEPTH_MAX; i++)
		jout_array(&out);
	jout_i64(&out, 1);
	for (int i = 0; i < JOUT_DEPTH_MAX; i++)
		jout_end(&out);
	(void)test_json_value(buf_text(&buf));
}

static void
value_without_key(void *context)
{
	(void)context;
	jout_object(begin());
	jout_i64(&out, 1);
}

static void
key_without_value(void *context)
{
	(void)context;
	jout_object(begin());
	jout_key(&out, "a");
	jout_end(&out);
}

static void
key_in_array(void *context)
{
	(void)context;
	jout_array(begin());
	jout_key(&out, "a");
}

static void
two_keys(void *context)
{
	(void)context;
	jout_object(begin());
	jout_key(&out, "a");
	jout_key(&out, "b");
}

static void
end_too_often(void *context)
{
	(void)context;
	jout_array(begin());
	jout_end(&out);
	jout_end(&out);
}

static void
two_values(void *context)
{
	(void)context;
	jout_i64(begin(), 1);
	jout_i64(&out, 2);
}

static void
too_deep(void *context)
{
	(void)context;
	begin();
	for (int i = 0; i <= JOUT_DEPTH_MAX; i++)
		jout_array(&out);
}

static void
test_misuse(void)
{
	static const struct {
		const char *name;
		void (*run)(void *context);
	} rows[] = {
		{"value without key", value_without_key},
		{"key without value", key_without_value},
		{"key in an array", key_in_array},
		{"two keys", two_keys},
		{"end too often", end_too_often},
		{"two values", two_values},
		{"too deep", too_deep},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unit_row(rows[i].name);
		UNIT_I64(SIGABRT, unit_ends_by(rows[i].run, NULL));
	}
}

const struct unit_case test_json_out_cases[] = {
	{"a document of everything is written compactly", test_document},
	{"quotes, backslashes and control characters are escaped", test_escapes},
	{"every ASCII character comes back", test_round_trip},
	{"integers come back", test_numbers},
	{"sixteen levels are written", test_depth},
	{"misuse is a bug", test_misuse},
	{NULL, NULL},
};
