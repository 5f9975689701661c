/* States, outcomes, cursors, keys of cached documents; layouts and orders have files of their
 * own. */
#include "config.h"

#include "test_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/read.h"
#include "core/ready.h"
#include "core/states.h"
#include "crypt/crypt.h"
#include "json/jin.h"

static struct failure failure;

struct core *
test_core(void)
{
	static const struct secrets secrets = {
		.ticket_keys = {{.id = "t1", .bytes = {7}}},
		.ticket_key_count = 1,
	};
	static struct core core;

	failure_init(&failure, unit_arena());
	memset(&core, 0, sizeof(core));
	core.secrets = &secrets;
	core.arena = unit_arena();
	core.failure = &failure;
	return &core;
}

const char *
test_core_json(const char *text)
{
	char *json = arena_strdup(unit_arena(), text);

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

const struct jval *
test_core_document(const char *text)
{
	return jin_parse_own(unit_arena(), test_core_json(text));
}

const char *
test_core_failure(void)
{
	const struct code_info *info;
	struct buf buf;

	if (failure.code == CODE_NONE)
		return "200";
	info = code_info(failure.code);
	buf_init(&buf, unit_arena());
	buf_printf(&buf, "%d %s", info->status, info->name);
	if (failure.extra != NULL)
		buf_printf(&buf, " %s", failure.extra);
	for (const struct violation *row = failure.violations; row != NULL; row = row->next)
		buf_printf(&buf, "%s%s: %s", row == failure.violations ? " " : "; ", row->field,
			   row->message);
	return buf_text(&buf);
}

/* --- states --- */

static bool
is_allowed(enum states_machine machine, const char *from, const char *to)
{
	size_t count;
	const struct states_transition *rows = states_transitions(machine, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].from, from) == 0 && strcmp(rows[i].to, to) == 0)
			return true;
	return false;
}

static void
test_transitions(void)
{
	static const struct {
		const char *name;
		enum states_machine machine;
		const char *from, *to;
		bool is_allowed;
	} rows[] = {
		{"a held seat is sold", STATES_SEAT, "held", "sold", true},
		{"a free seat is not sold without a hold", STATES_SEAT, "available", "sold", false},
		{"a sold seat is not held", STATES_SEAT, "sold", "held", false},
		{"a sold seat is not blocked", STATES_SEAT, "sold", "blocked", false},
		{"a resting seat is not held", STATES_SEAT, "resting", "held", false},
		{"a declined payment gives the hold back", STATES_HOLD, "paying", "active", true},
		{"a paying hold does not expire", STATES_HOLD, "paying", "expired", false},
		{"an expired hold stays so", STATES_HOLD, "expired", "active", false},
		{"a pending order is not paid at once", STATES_ORDER, "pending", "paid", false},
		{"a failed order stays so", STATES_ORDER, "failed", "paid", false},
		{"a paid order does not expire", STATES_ORDER, "paid", "expired", false},
		{"a voided payment stays so", STATES_PAYMENT, "voided", "approved", false},
		{"an unknown payment is approved", STATES_PAYMENT, "unknown", "approved", true},
		{"a declined payment is not refunded", STATES_PAYMENT, "declined", "refunded",
		 false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].name);
		UNIT_I64(rows[i].is_allowed, is_allowed(rows[i].machine, rows[i].from, rows[i].to));
	}
}

static bool
is_state(enum states_machine machine, const char *state)
{
	const char *const *states = states_of(machine);

	for (size_t i = 0; states[i] != NULL; i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

static void
test_states_are_known(void)
{
	for (enum states_machine machine = 0; machine < STATES_MAX; machine++) {
		size_t count;
		const struct states_transition *rows = states_transitions(machine, &count);

		unit_row(states_name(machine));
		for (size_t i = 0; i < count; i++) {
			UNIT_TRUE(is_state(machine, rows[i].from));
			UNIT_TRUE(is_state(machine, rows[i].to));
			UNIT_TRUE(strcmp(rows[i].from, rows[i].to) != 0);
		}
	}
}

/* The enumerations of the schema and the tables name the same states in the same order. */
static void
test_states_are_the_schemas(void)
{
	const char *sql = unit_read(arena_printf(unit_arena(), "%s/sql/migrations/0004_show.sql",
						 getenv("BOXOFFICE_SRCDIR")));

	UNIT_TRUE(sql != NULL);
	for (enum states_machine machine = 0; sql != NULL && machine < STATES_MAX; machine++) {
		const char *const *states = states_of(machine);
		struct buf line;

		unit_row(states_name(machine));
		buf_init(&line, unit_arena());
		buf_printf(&line, "CREATE TYPE show.%s_state AS ENUM (", states_name(machine));
		for (size_t i = 0; states[i] != NULL; i++)
			buf_printf(&line, "%s'%s'", i == 0 ? "" : ", ", states[i]);
		buf_puts(&line, ");");
		UNIT_TRUE(strstr(sql, buf_text(&line)) != NULL);
	}
}

static void
test_aside(void)
{
	struct failure failure, aside;
	struct core core = {.arena = unit_arena(), .failure = &failure}, unrecorded;

	failure_init(&failure, unit_arena());
	unrecorded = core_aside(&core, &aside);
	UNIT_I64(ERR_RETRY, fail(unrecorded.failure, CODE_UNAVAILABLE, "of no importance"));
	UNIT_I64(CODE_NONE, failure.code);
	UNIT_I64(ERR_CONFLICT, fail(core.failure, CODE_HALL_BUSY, "this decides"));
	UNIT_TEXT("this decides", failure.detail);
}

/* Whoever adds a migration that the program needs says so. */
static void
test_schema_version(void)
{
	const char *dir = arena_printf(unit_arena(), "ls '%s'/sql/migrations | tail -1",
				       getenv("BOXOFFICE_SRCDIR"));
	char line[128] = "";
	FILE *list = popen(dir, "r");

	UNIT_TRUE(list != NULL && fgets(line, sizeof(line), list) != NULL);
	if (list != NULL)
		pclose(list);
	UNIT_I64(READY_SCHEMA_VERSION, atoi(line));
}

/* --- outcomes --- */

static void
test_outcomes(void)
{
	static const struct {
		const char *word, *result, *expected;
	} rows[] = {
		{"ok", "{}", "200"},
		{"created", "{}", "200"},
		{"replay", "{'status':201,'body':{}}", "200"},
		{"seats_taken", "{'seats':[3,17]}", "409 seats_taken \"seats\":[3,17]"},
		{"seat_limit", "{'limit':4,'taken':3}", "422 seat_limit \"limit\":4,\"taken\":3"},
		{"hold_expired", "{}", "410 hold_expired"},
		{"not_found", "{}", "404 not_found"},
		{"insufficient_balance", "{'balance':5}", "402 insufficient_balance"},
		{"validation_failed", "{'field':'time_zone','message':'is none'}",
		 "422 validation_failed time_zone: is none"},
		{"idempotency_in_flight", "{}", "409 idempotency_in_flight"},
		{"hall_busy", "{}", "409 hall_busy"},
		{"nonsense", "{}", "500 internal"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct core *core = test_core();
		struct outcome outcome = {.word = rows[i].word,
					  .text = test_core_json(rows[i].result),
					  .arena = unit_arena()};
		enum err err = outcome_check(core, &outcome);

		unit_row(rows[i].word);
		UNIT_TEXT(rows[i].expected, test_core_failure());
		UNIT_I64(strcmp(rows[i].expected, "200") == 0, err == ERR_OK);
	}
}

/* What a read or a saga refuses by itself reads like what a function says. */
static void
test_refusals(void)
{
	static const enum code codes[] = {CODE_NOT_FOUND, CODE_EMAIL_TAKEN, CODE_ORDER_CLOSED,
					  CODE_REFRESH_INVALID};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct outcome outcome = {.word = code_info(codes[i])->name};
		struct core *core = test_core();
		const char *said;

		unit_row(outcome.word);
		UNIT_TRUE(outcome_check(core, &outcome) != ERR_OK);
		said = arena_strdup(unit_arena(), core->failure->detail);
		core = test_core();
		UNIT_TRUE(outcome_refuse(core, codes[i]) == code_info(codes[i])->err);
		UNIT_I64(codes[i], core->failure->code);
		UNIT_TEXT(said, core->failure->detail);
	}
}

static void
test_answers(void)
{
	struct outcome created = {
		.word = "created", .text = test_core_json("{'a':1}"), .arena = unit_arena()};
	struct outcome ok = {
		.word = "ok", .text = test_core_json("{'a':1}"), .arena = unit_arena()};
	struct outcome replay = {.word = "replay",
				 .result = test_core_document("{'status':201,'body':{'a':2}}")};

	UNIT_I64(201, outcome_answer(&created).status);
	UNIT_I64(200, outcome_answer(&ok).status);
	UNIT_FALSE(outcome_answer(&ok).is_replay);
	UNIT_I64(201, outcome_answer(&replay).status);
	UNIT_I64(2, jin_get_i64(outcome_answer(&replay).body, "a"));
	UNIT_TRUE(outcome_answer(&replay).is_replay);
}

/* --- lists --- */

static void
test_cursor_comes_back(void)
{
	for (enum list_kind kind = 0; kind < LIST_MAX; kind++) {
		struct core *core = test_core();
		struct list_key key = {.at = 1790000000, .number = 17};
		struct list_page page = {.limit = 7};
		struct list list = {.limit = 0};

		unit_row(arena_printf(unit_arena(), "kind %d", (int)kind));
		uuid_new(&key.uuid);
		page.cursor = list_cursor(core, kind, &key);
		UNIT_I64(ERR_OK, list_read(core, kind, &page, &list));
		UNIT_TRUE(list.has_key);
		UNIT_I64(7, list.limit);
		if (kind != LIST_ENTRIES && kind != LIST_BLOCKS && kind != LIST_AUDIT)
			UNIT_I64(key.at, list.key.at);
		if (kind == LIST_ORDERS || kind == LIST_SHOW_ORDERS)
			UNIT_TRUE(uuid_is_equal(&key.uuid, &list.key.uuid));
		else
			UNIT_I64(key.number, list.key.number);
	}
}

static const char *
encoded(const char *text)
{
	return text_base64url(unit_arena(), text, strlen(text));
}

static void
test_bad_cursors(void)
{
	const struct {
		const char *name, *cursor;
	} rows[] = {
		{"empty", ""},
		{"no base64url", "*"},
		{"of another version", encoded("2e:1790000000:17")},
		{"of another list", encoded("1s:1790000000:17")},
		{"without its number", encoded("1e:1790000000:")},
		{"without its time", encoded("1e:17")},
		{"with a time past the calendar", encoded("1e:253402300800:17")},
		{"with a number past an int", encoded("1e:1790000000:2147483648")},
		{"with a negative number", encoded("1e:1790000000:-1")},
		{"with text behind", encoded("1e:1790000000:17 ")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct list_page page = {.limit = 20, .cursor = rows[i].cursor};
		struct core *core = test_core();
		struct list list;

		unit_row(rows[i].name);
		UNIT_I64(ERR_INVALID, list_read(core, LIST_EVENTS, &page, &list));
		UNIT_TEXT("400 bad_cursor", test_core_failure());
	}
}

/* --- keys of cached documents --- */

static const char *
key_of(const char *a, const char *b)
{
	struct read_key key;

	read_key_init(&key, test_core(), "events");
	read_key_text(&key, a);
	read_key_text(&key, b);
	return buf_text(&key.text);
}

static void
test_keys_differ(void)
{
	UNIT_TRUE(strcmp(key_of(NULL, ""), key_of("", NULL)) != 0);
	UNIT_TRUE(strcmp(key_of("a:1.b", ""), key_of("a", "b")) != 0);
	UNIT_TRUE(strcmp(key_of("-", NULL), key_of(NULL, "-")) != 0);
	UNIT_TEXT(key_of("a", "b"), key_of("a", "b"));
}

/* --- rights --- */

/* Why a program of that name cannot connect: the error names the socket that its DSN gives. */
static const char *
try_to_connect(const struct config *config, const char *application)
{
	const struct core_access access = {.application = application,
					   .dsn = "host=/given dbname=x connect_timeout=1"};
	struct core core;

	core_init(&core, config, NULL, &access);
	failure_init(&failure, unit_arena());
	core_begin(&core, unit_arena(), &failure, NULL, clock_mono_ms() + 1000);
	UNIT_I64(ERR_RETRY, core_connect(&core));
	core_fini(&core);
	return failure_reason(&failure);
}

static void
test_a_name_gives_no_rights(void)
{
	static const char *const names[] = {"boxofficed", "boxoffice-relay", "boxofficectl", ""};
	const struct config config = {
		.database_dsn = "host=/app dbname=x",
		.database_read_dsn = "host=/app dbname=x",
		.database_batch_dsn = "host=/batch dbname=x",
		.database_owner_dsn = "host=/owner dbname=x",
		.database_connect_timeout_ms = 1000,
		.cache_servers = "",
		.cache_prefix = "",
	};
	const char *log = arena_printf(unit_arena(), "%s/log", unit_dir());

	UNIT_I64(0, log_open(log));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		unit_row(names[i]);
		UNIT_CONTAINS("/given/", try_to_connect(&config, names[i]));
	}
	UNIT_I64(0, log_open("-"));
}

/* --- keys --- */

static struct uuid
name_of(const struct uuid *user_id, const char *path, const char *text)
{
	struct core_key key = {.user_id = *user_id, .path = path, .key = text};

	core_key_name(&key, unit_arena());
	return key.request_id;
}

static void
test_key_names(void)
{
	struct uuid ann = {{1}}, bob = {{2}}, first = name_of(&ann, "/a", "k");
	const struct {
		const char *name;
		struct uuid id;
		bool is_same;
	} rows[] = {
		{"the same key", name_of(&ann, "/a", "k"), true},
		{"another user", name_of(&bob, "/a", "k"), false},
		{"another path", name_of(&ann, "/b", "k"), false},
		{"another key", name_of(&ann, "/a", "l"), false},
		{"no key", name_of(&ann, "/a", NULL), false},
	};
	struct uuid random[2] = {name_of(&ann, "/a", NULL), name_of(&ann, "/a", NULL)};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].name);
		UNIT_I64(rows[i].is_same, uuid_is_equal(&first, &rows[i].id));
	}
	unit_row("no key, twice");
	UNIT_FALSE(uuid_is_equal(&random[0], &random[1]));
	unit_row("its form");
	UNIT_I64(0x80, first.bytes[6] & 0xf0);
	UNIT_I64(0x80, first.bytes[8] & 0xc0);
}

static const struct unit_case cases[] = {
	{"a key names its request", test_key_names},
	{"only the transitions of the table are allowed", test_transitions},
	{"transitions lead from state to state", test_states_are_known},
	{"the schema has the same states", test_states_are_the_schemas},
	{"readiness needs the newest migration", test_schema_version},
	{"an outcome becomes its code with its members", test_outcomes},
	{"a refusal without a function reads the same", test_refusals},
	{"an outcome becomes its status and document", test_answers},
	{"a cursor comes back as it was given", test_cursor_comes_back},
	{"a cursor that is none is refused", test_bad_cursors},
	{"documents of different parts have different keys", test_keys_differ},
	{"a failure that is set aside leaves no reason", test_aside},
	{"rights come from the DSN and not from a name", test_a_name_gives_no_rights},
	{NULL, NULL},
};

static const struct unit_suite suites[] = {
	{"core", cases},
	{"best seats", test_core_best_cases},
	{"layouts", test_core_layout_cases},
	{"orders", test_core_order_cases},
	{NULL, NULL},
};

int
main(void)
{
	crypt_init();
	return unit_run(suites);
}
