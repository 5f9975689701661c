/* Layouts: numbering, names, coordinates, violations. */
#include "config.h"

#include "test_core.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/directory/layout_build.h"
#include "json/jin.h"

static enum err
build(const char *text, struct layout_built *built)
{
	struct core *core = test_core();
	const char *request = arena_printf(core->arena, "{'hall_id':1,'sections':%s}", text);
	struct layout_new layout = {.hall_id = 0};
	enum err err = jin_read(core->arena, test_core_document(request), &layout_shape, &layout,
				core->failure);

	return err != ERR_OK ? err
			     : layout_build(core->arena, &layout.sections, core->failure, built);
}

static void
test_row_names(void)
{
	static const struct {
		size_t index;
		const char *name;
	} rows[] = {{0, "A"},   {25, "Z"},   {26, "AA"},   {51, "AZ"},
		    {52, "BA"}, {701, "ZZ"}, {702, "AAA"}, {99999, "EQXD"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[LAYOUT_ROW_NAME_SIZE];

		unit_row(rows[i].name);
		layout_build_row_name(rows[i].index, name);
		UNIT_TEXT(rows[i].name, name);
	}
}

static void
test_short_form(void)
{
	struct layout_built built;

	UNIT_I64(ERR_OK, build("[{'name':'Floor','grade':'R','rows':2,'seats_per_row':2},"
			       "{'name':'Balcony','grade':'S','rows':1,'seats_per_row':1}]",
			       &built));
	UNIT_I64(5, built.seats);
	UNIT_TEXT("[{\"name\":\"Floor\",\"rows\":["
		  "{\"name\":\"A\",\"seats\":["
		  "{\"no\":0,\"label\":\"A-1\",\"grade\":\"R\",\"x\":-10,\"y\":0},"
		  "{\"no\":1,\"label\":\"A-2\",\"grade\":\"R\",\"x\":10,\"y\":0}]},"
		  "{\"name\":\"B\",\"seats\":["
		  "{\"no\":2,\"label\":\"B-1\",\"grade\":\"R\",\"x\":-10,\"y\":20},"
		  "{\"no\":3,\"label\":\"B-2\",\"grade\":\"R\",\"x\":10,\"y\":20}]}]},"
		  "{\"name\":\"Balcony\",\"rows\":["
		  "{\"name\":\"A\",\"seats\":["
		  "{\"no\":4,\"label\":\"A-1\",\"grade\":\"S\",\"x\":0,\"y\":80}]}]}]",
		  built.sections);
	UNIT_TEXT("B-2", built.labels[3]);
	UNIT_TEXT("S", built.grades[4]);
	UNIT_TEXT("Floor", built.section_names[3]);
	UNIT_TEXT("B", built.row_names[3]);
	UNIT_TEXT("Balcony", built.section_names[4]);
}

static void
test_long_form(void)
{
	struct layout_built built;

	UNIT_I64(ERR_OK, build("[{'name':'1층','grade':'S','rows':[{'name':'가','seats':["
			       "{'label':'가1'},{'label':'가2','x':7,'y':-3,'grade':'VIP'}]}]}]",
			       &built));
	UNIT_I64(2, built.seats);
	UNIT_TEXT("[{\"name\":\"1층\",\"rows\":[{\"name\":\"가\",\"seats\":["
		  "{\"no\":0,\"label\":\"가1\",\"grade\":\"S\",\"x\":-10,\"y\":0},"
		  "{\"no\":1,\"label\":\"가2\",\"grade\":\"VIP\",\"x\":7,\"y\":-3}]}]}]",
		  built.sections);
	UNIT_TEXT("VIP", built.grades[1]);
}

static void
test_largest(void)
{
	struct layout_built built;

	UNIT_I64(ERR_OK,
		 build("[{'name':'A','grade':'R','rows':1000,'seats_per_row':100}]", &built));
	UNIT_I64(100000, built.seats);
	UNIT_TEXT("ALL-100", built.labels[99999]);
	UNIT_I64(ERR_INVALID,
		 build("[{'name':'A','grade':'R','rows':1000,'seats_per_row':100},"
		       "{'name':'B','grade':'R','rows':[{'name':'A','seats':[{'label':'1'}]}]}]",
		       &built));
	UNIT_TEXT("422 validation_failed sections: must not have more than 100000 seats",
		  test_core_failure());
}

struct violation_row {
	const char *name, *sections, *expected;
};

static void
check_violations(const struct violation_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct layout_built built;

		unit_row(rows[i].name);
		UNIT_I64(ERR_INVALID, build(rows[i].sections, &built));
		UNIT_TEXT(arena_printf(unit_arena(), "422 validation_failed %s", rows[i].expected),
			  test_core_failure());
	}
}

static void
test_violations(void)
{
	static const struct violation_row rows[] = {
		{"no array", "{}", "sections: must be an array of 1 to 1000 sections"},
		{"nothing", "[]", "sections: must be an array of 1 to 1000 sections"},
		{"no object", "[7]", "sections[0]: must be an object"},
		{"an unknown member", "[{'name':'A','grade':'R','rows':1,'seats_per_row':1,'x':1}]",
		 "sections[0].x: is not a field of this request"},
		{"seats_per_row in the long form",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'}]}],"
		 "'seats_per_row':1}]",
		 "sections[0].seats_per_row: is not a field of this request"},
		{"no name, no grade", "[{'rows':1,'seats_per_row':1}]",
		 "sections[0].name: is required; sections[0].grade: is required"},
		{"no rows", "[{'name':'A','grade':'R'}]", "sections[0].rows: is required"},
		{"rows without their length", "[{'name':'A','grade':'R','rows':3}]",
		 "sections[0].seats_per_row: is required where rows is a number"},
		{"rows as a fraction", "[{'name':'A','grade':'R','rows':1.0,'seats_per_row':1}]",
		 "sections[0].rows: must be an integer between 1 and 100000"},
		{"too many in the short form",
		 "[{'name':'A','grade':'R','rows':1001,'seats_per_row':100}]",
		 "sections: must not have more than 100000 seats"},
		{"a row without seats",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[]}]}]",
		 "sections[0].rows[0].seats: must be an array that is not empty"},
		{"a seat without a label",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'},{}]}]}]",
		 "sections[0].rows[0].seats[1].label: is required"},
		{"a coordinate as text",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1','x':'3'}]}]}]",
		 "sections[0].rows[0].seats[0].x: must be an integer between -1000000 and 1000000"},
	};

	check_violations(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Seats that nobody could tell apart. */
static void
test_alike(void)
{
	static const struct violation_row rows[] = {
		{"a label twice in a row",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'},{'label':'2'}"
		 "]},"
		 "{'name':'2','seats':[{'label':'3'},{'label':'3'}]}]}]",
		 "sections[0].rows[1].seats[1].label: is the label of another seat in a row of "
		 "this name"},
		{"a label twice in two rows of one name",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'},{'label':'2'}"
		 "]},{'name':'2','seats':[{'label':'1'}]},{'name':'1','seats':[{'label':'2'}]}]}]",
		 "sections[0].rows[2].seats[0].label: is the label of another seat in a row of "
		 "this name"},
		{"two sections of one name",
		 "[{'name':'A','grade':'R','rows':1,'seats_per_row':1},"
		 "{'name':'B','grade':'R','rows':1,'seats_per_row':1},"
		 "{'name':'A','grade':'R','rows':1,'seats_per_row':1}]",
		 "sections[2].name: is the name of another section"},
		{"two seats on one point",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1','x':5,'y':3},"
		 "{'label':'2','x':5,'y':4}]}]},{'name':'B','grade':'R','rows':[{'name':'1','seats'"
		 ":[{'label':'1','x':4,'y':3},{'label':'2','x':5,'y':3}]}]}]",
		 "sections[1].rows[0].seats[1]: lies on the point of another seat"},
		{"seats of the short form on a given point",
		 "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1','x':0,'y':60}]"
		 "}]},"
		 "{'name':'B','grade':'R','rows':1,'seats_per_row':3}]",
		 "sections[1].rows[0].seats[1]: lies on the point of another seat"},
	};

	check_violations(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
test_label_in_two_rows(void)
{
	struct layout_built built;

	UNIT_I64(ERR_OK,
		 build("[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'}]},"
		       "{'name':'2','seats':[{'label':'1'}]},{'name':'1','seats':[{'label':'2'}]}]}"
		       "]",
		       &built));
	UNIT_I64(3, built.seats);
}

static void
test_label_in_two_sections(void)
{
	struct layout_built built;

	UNIT_I64(ERR_OK,
		 build("[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{'label':'1'}]}]},"
		       "{'name':'B','grade':'R','rows':[{'name':'1','seats':[{'label':'1'}]}]}]",
		       &built));
	UNIT_I64(2, built.seats);
}

/* A client that gets everything wrong costs no more than one that gets twenty things wrong. */
static void
test_many_violations(void)
{
	struct layout_built built;
	struct buf text;
	size_t count = 1;

	buf_init(&text, unit_arena());
	buf_puts(&text, "[{'name':'A','grade':'R','rows':[{'name':'1','seats':[{}");
	for (int i = 1; i < 5000; i++)
		buf_puts(&text, ",{}");
	buf_puts(&text, "]}]}]");
	UNIT_I64(ERR_INVALID, build(buf_text(&text), &built));
	for (const char *c = test_core_failure(); *c != '\0'; c++)
		count += *c == ';';
	UNIT_I64(20, count);
}

static void
test_many_grades(void)
{
	struct layout_built built;
	struct buf text;

	buf_init(&text, unit_arena());
	for (int i = 0; i < 101; i++)
		buf_printf(&text, "%c{'name':'A','grade':'G%d','rows':1,'seats_per_row':1}",
			   i == 0 ? '[' : ',', i);
	buf_puts(&text, "]");
	UNIT_I64(ERR_INVALID, build(buf_text(&text), &built));
	UNIT_TEXT("422 validation_failed sections: must not have more than 100 grades",
		  test_core_failure());
}

static void
test_plan_of_before(void)
{
	struct layout_built built;
	struct buf plan;

	UNIT_I64(ERR_OK,
		 build("[{'name':'Floor','grade':'R','rows':3,'seats_per_row':7},"
		       "{'name':'Box','grade':'S','rows':[{'name':'A','seats':[{'label':'1'},"
		       "{'label':'2','x':-7,'y':9,'grade':'V'}]},{'name':'B','seats':[{'label':'3'}"
		       "]}]}]",
		       &built));
	buf_init(&plan, unit_arena());
	layout_build_plan(unit_arena(), jin_parse_own(unit_arena(), built.sections), &plan);
	UNIT_TRUE(plan.len > 20);
	UNIT_I64(built.plan.len, plan.len);
	UNIT_I64(0, memcmp(built.plan.data, plan.data, plan.len));
}

const struct unit_case test_core_layout_cases[] = {
	{"rows are named A to Z, AA, AB", test_row_names},
	{"the short form makes rows, labels and coordinates", test_short_form},
	{"the long form keeps what it is given", test_long_form},
	{"a layout has at most 100,000 seats", test_largest},
	{"violations are reported by their path", test_violations},
	{"two seats that look the same are refused", test_alike},
	{"two sections may use one label", test_label_in_two_sections},
	{"two rows may use one label", test_label_in_two_rows},
	{"at most 20 violations are looked for", test_many_violations},
	{"a layout has at most 100 grades", test_many_grades},
	{"the document of a layout gives the same plan", test_plan_of_before},
	{NULL, NULL},
};
