/* Documents of our own, read in their text. */
#include "config.h"

#include "test_json.h"

#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/jdoc.h"
#include "json/jin.h"
#include "json/jout.h"

/* As PostgreSQL writes json_build_object(): blanks around colons and behind commas. */
static const char document[] =
	"{\"id\" : \"0198\", \"text\" : \"a, \\\"b\\\" }] \\\\\", \"none\" : null, \"n\" : -17, "
	"\"list\" : [{\"no\" : 1, \"label\" : \"[A\\\"-1}\"}, {\"no\" : 2}], \"object\" : "
	"{\"n\" : 3, \"deep\" : {\"list\" : []}}, \"yes\" : true}";

static void
test_members(void)
{
	static const struct {
		const char *name, *expected; /* NULL: there is none */
	} rows[] = {
		{"id", "\"0198\""},
		{"text", "\"a, \\\"b\\\" }] \\\\\""},
		{"none", "null"},
		{"n", "-17"},
		{"list", "[{\"no\" : 1, \"label\" : \"[A\\\"-1}\"}, {\"no\" : 2}]"},
		{"object", "{\"n\" : 3, \"deep\" : {\"list\" : []}}"},
		{"yes", "true"},
		{"no", NULL},
		{"deep", NULL},
		{"i", NULL},
		{"idx", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = 0;
		const char *text = jdoc_member(document, rows[i].name, &len);

		unit_row(rows[i].name);
		UNIT_TEXT(rows[i].expected, text ? arena_strndup(unit_arena(), text, len) : NULL);
	}
	UNIT_I64(-17, jdoc_i64(document, "n"));
}

static void
test_empty(void)
{
	size_t len;

	UNIT_TRUE(jdoc_member("{}", "id", &len) == NULL);
	UNIT_TRUE(jdoc_member(" { } ", "id", &len) == NULL);
	UNIT_I64(5, jdoc_i64("{\"n\":5}", "n"));
}

static void
test_copy(void)
{
	struct buf buf;
	struct jout out;

	buf_init(&buf, unit_arena());
	jout_init(&out, &buf);
	jout_object(&out);
	jdoc_copy(&out, document, "yes");
	jdoc_copy(&out, document, "list");
	jout_key_i64(&out, "more", 1);
	jout_end(&out);
	UNIT_TEXT("{\"yes\":true,\"list\":[{\"no\" : 1, \"label\" : \"[A\\\"-1}\"}, {\"no\" : 2}],"
		  "\"more\":1}",
		  buf_text(&buf));
}

/* What PostgreSQL never writes is a bug: it ends the worker, and does not run past the text. */
static void
read_member(void *context)
{
	size_t len;

	(void)jdoc_member(context, "z", &len);
}

static void
test_bugs(void)
{
	static char rows[][16] = {"",           "[1]",        "null",      "{\"a\"",
				  "{\"a\":[1,", "{\"a\":\"b", "{\"a\":{}", "{\"a\" 1}"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unit_row(rows[i]);
		UNIT_I64(SIGABRT, unit_ends_by(read_member, rows[i]));
	}
	unit_row("parsed");
	UNIT_TRUE(jin_parse_own(unit_arena(), "{\"a\":") == NULL);
	UNIT_TRUE(jin_parse_own(unit_arena(), "") == NULL);
	UNIT_I64(3, jin_i64(jin_parse_own(unit_arena(), "3")));
}

const struct unit_case test_json_doc_cases[] = {
	{"members are found where they stand, of the outermost object alone", test_members},
	{"an empty object has no members", test_empty},
	{"members are copied as they stand", test_copy},
	{"a document that is none is a bug", test_bugs},
	{NULL, NULL},
};
