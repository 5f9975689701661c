/* boxofficectl: the commands for operators of boxoffice, in one table. The help is made from it. */
#include "config.h"

#include "ctl/ctl.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/config.h"
#include "core/log/audit.h"
#include "crypt/crypt.h"
#include "run/exit.h"
#include "run/judge.h"
#include "run/options.h"
#include "run/run.h"

#define ARENA_LIMIT ((size_t)256 << 20) /* holds the SQL files several times over */

enum needs { NEEDS_NOTHING, NEEDS_CONFIG, NEEDS_SECRETS };

/* The role of a command in the database: the owner only for what no other role may do. */
#define AS_OWNER RUN_DSN(database_owner_dsn)
#define AS_BATCH RUN_DSN(database_batch_dsn)
#define AS_APP RUN_DSN(database_dsn)
#define AS_NOBODY 0

static const struct command {
	const char *words; /* one or two words */
	const char *args;  /* as in the help; each word in capitals is one argument */
	const char *help;
	enum needs needs;
	int (*run)(struct ctl *ctl, char **args);
	size_t dsn; /* of those that connect */
} commands[] = {
	{"config show", "", "the configuration in force, with units and reasons", NEEDS_CONFIG,
	 ctl_config_show, AS_NOBODY},
	{"config check", "", "whether the configuration and the secrets are right", NEEDS_NOTHING,
	 ctl_config_check, AS_NOBODY},
	{"secrets create", "FILE", "write fresh keys for tokens and tickets", NEEDS_NOTHING,
	 ctl_secrets_create, AS_NOBODY},
	{"db init", "", "make the schema in an empty database (the same as migrate)", NEEDS_CONFIG,
	 ctl_db_migrate, AS_OWNER},
	{"db migrate", "", "bring the schema up to date: migrations, functions, partitions",
	 NEEDS_CONFIG, ctl_db_migrate, AS_OWNER},
	{"db status", "[--timeout S]",
	 "list what was applied and what is due; 0 when these programs work on the schema, which a "
	 "later version of it is too",
	 NEEDS_CONFIG, ctl_db_status, AS_APP},
	{"db check", "[--except NAME]…",
	 "name what is wrong with server, roles, schema and event log, each with what to do; 0 "
	 "when "
	 "all is right",
	 NEEDS_CONFIG, ctl_db_check, AS_OWNER},
	{"demo load", "--yes",
	 "load the demo season, once, into a database without accounts; prints the password of its "
	 "accounts",
	 NEEDS_CONFIG, ctl_demo_load, AS_OWNER},
	{"audit", "[--except NAME]…", "check the invariants; 1 on a breach", NEEDS_CONFIG,
	 ctl_audit, AS_OWNER},
	{"token", "EMAIL", "print an access token of a user (audited)", NEEDS_SECRETS, ctl_token,
	 AS_APP},
	{"user create", "EMAIL --name NAME [--role ROLE]",
	 "make an account; asks for the password, or reads a line of standard input", NEEDS_CONFIG,
	 ctl_user_create, AS_OWNER},
	{"user passwd", "EMAIL",
	 "ask for a new password, or read a line of standard input; ends the user's sessions",
	 NEEDS_CONFIG, ctl_user_passwd, AS_OWNER},
	{"user role", "EMAIL ROLE", "make a user, operator or admin; ends the user's sessions",
	 NEEDS_CONFIG, ctl_user_role, AS_OWNER},
	{"show status", "ID", "print the state of a show and the refunds it still owes",
	 NEEDS_CONFIG, ctl_show_status, AS_BATCH},
	{"payments stuck", "", "list the payments that settling has given up, with the reason",
	 NEEDS_CONFIG, ctl_payments_stuck, AS_BATCH},
	{"payments retry", "SHOW PAYMENT", "let settling try a stuck payment anew (audited)",
	 NEEDS_CONFIG, ctl_payments_retry, AS_BATCH},
	{"export orders", "[--show ID]", "print orders as CSV (audited)", NEEDS_CONFIG,
	 ctl_export_orders, AS_BATCH},
	{"export ledger", "[--from DAY] [--to DAY]",
	 "print the ledger as CSV, of days in Seoul, both included (audited)", NEEDS_CONFIG,
	 ctl_export_ledger, AS_BATCH},
	{"tickets public-key", "",
	 "print the public keys that verify tickets, to be kept in a file", NEEDS_SECRETS,
	 ctl_tickets_public_key, AS_NOBODY},
	{"tickets verify", "CODE --key FILE [--layout FILE]",
	 "check a ticket with a file of public keys and nothing else; 1 when it is not valid. A "
	 "saved GET /api/layouts/ID names the seat",
	 NEEDS_NOTHING, ctl_tickets_verify, AS_NOBODY},
	{"events parked", "", "list the events that the relay has given up, with the reason",
	 NEEDS_CONFIG, ctl_events_parked, AS_BATCH},
	{"events retry", "CONSUMER ENTITY", "let the relay try an entity's events anew (audited)",
	 NEEDS_CONFIG, ctl_events_retry, AS_OWNER},
	{"events skip", "CONSUMER ENTITY",
	 "give a parked event up for good, so that those behind it go on (audited)", NEEDS_CONFIG,
	 ctl_events_skip, AS_OWNER},
	{"events rebase", "", "after a restore from a dump: put the relay's cursors back (audited)",
	 NEEDS_CONFIG, ctl_events_rebase, AS_OWNER},
	{"routes", "[--json]", "print the route table", NEEDS_NOTHING, ctl_routes, AS_NOBODY},
	{"openapi", "", "print the OpenAPI document of the API", NEEDS_NOTHING, ctl_openapi,
	 AS_NOBODY},
	{"states", "", "print the allowed transitions of seats, holds, orders and payments",
	 NEEDS_NOTHING, ctl_states, AS_NOBODY},
	{"codes", "", "print the error codes", NEEDS_NOTHING, ctl_codes, AS_NOBODY},
};

/* A line of the help. */
#define TIMEOUT_MOST_S 3600

#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

static void
print_commands(FILE *out)
{
	fputc('\n', out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "  %s%s%s\n      %s\n", commands[i].words,
			commands[i].args[0] ? " " : "", commands[i].args, commands[i].help);
	}
}

int
ctl_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	exit_vsay(EXIT_FAILURE, "boxofficectl", format, args);
	va_end(args);
	return EXIT_FAILURE;
}

int
ctl_fail_recorded(const struct ctl *ctl, const char *what)
{
	return ctl_fail("%s: %s", what, failure_reason(ctl->core.failure));
}

int
ctl_connect(struct ctl *ctl, int64_t timeout_ms)
{
	const struct core_access access = {
		.application = "boxofficectl",
		.dsn = *(const char **)((char *)ctl->config + ctl->dsn),
		.statement_timeout_ms = timeout_ms,
		.is_any_schema = ctl->is_any_schema,
	};
	struct core core;

	core_init(&core, ctl->config, ctl->core.secrets, &access);
	core.arena = ctl->core.arena;
	core.failure = ctl->core.failure;
	core_trace(&core);
	ctl->core = core;
	if (ctl->options.timeout_s > 0)
		core_begin(&ctl->core, core.arena, core.failure, core.traceparent,
			   clock_mono_ms() + ctl->options.timeout_s * 1000);
	if (core_connect(&ctl->core) == ERR_OK)
		return EXIT_SUCCESS;
	(void)ctl_fail_recorded(ctl, "could not connect to the database");
	if (core_is_schema_older(&ctl->core))
		return EXIT_SCHEMA_OLDER;
	return core_is_database_missing(&ctl->core) ? EXIT_SCHEMA_NONE : EXIT_UNREACHABLE;
}

int
ctl_connect_briefly(struct ctl *ctl)
{
	return ctl_connect(ctl, ctl->config->database_statement_timeout_ms);
}

bool
ctl_is_excepted(const struct ctl *ctl, const char *name)
{
	for (size_t i = 0; i < ctl->options.except.count; i++) {
		if (strcmp(ctl->options.except.items[i], name) == 0)
			return true;
	}
	return false;
}

const char *
ctl_unknown_exception(const struct ctl *ctl, const char *const *names, size_t count)
{
	for (size_t i = 0; i < ctl->options.except.count; i++) {
		bool is_known = false;

		for (size_t n = 0; n < count; n++)
			is_known |= strcmp(names[n], ctl->options.except.items[i]) == 0;
		if (!is_known)
			return ctl->options.except.items[i];
	}
	return NULL;
}

const char *
ctl_actor(struct ctl *ctl)
{
	const struct passwd *account = getpwuid(getuid());

	return account ? arena_printf(ctl->core.arena, "system:%s", account->pw_name)
		       : arena_printf(ctl->core.arena, "system:%ld", (long)getuid());
}

int64_t
ctl_show_id(const char *word)
{
	int64_t id;

	return text_parse_i64(word, strlen(word), &id) && id > 0 && id <= INT32_MAX ? id : 0;
}

enum err
ctl_audit_add(struct ctl *ctl, const char *action, const char *object)
{
	return audit_add(&ctl->core, ctl_actor(ctl), action, object, NULL);
}

/* A line for a wrong command: the whole help would hide it. */
static void __attribute__((noreturn))
command_error(const struct options *options, const struct command *command, char **words, int count)
{
	if (!command)
		options_refuse(options, "there is no command %s%s%s", words[0],
			       count > 1 ? " " : "", count > 1 ? words[1] : "");
	fprintf(stderr, "Usage: boxofficectl [--config FILE] %s%s%s\n", command->words,
		command->args[0] != '\0' ? " " : "", command->args);
	exit(EXIT_USAGE);
}

static bool
is_given(const struct option_row *row)
{
	switch (row->kind) {
	case OPTION_FLAG:
		return *(const bool *)row->value;
	case OPTION_NUMBER:
		return *(const int64_t *)row->value != 0;
	case OPTION_WORDS:
		return ((const struct option_words *)row->value)->count > 0;
	default:
		return *(const char *const *)row->value != NULL;
	}
}

/* An option of another command would be ignored, and somebody would believe that it was not. */
static void
check_options(const struct options *options, const struct command *command)
{
	char name[32];

	for (const struct option_row *row = options->rows; row->name; row++) {
		snprintf(name, sizeof(name), "--%s", row->name);
		if (is_given(row) && !strstr(command->args, name))
			options_refuse(options, "%s takes no %s", command->words, name);
	}
}

/* Counts the arguments of a command: the words in capitals before its options. */
static int
count_args(const struct command *command)
{
	int count = 0;

	for (const char *c = command->args; *c >= 'A' && *c <= 'Z'; c++) {
		count++;
		c += strcspn(c, " ");
		if (*c == '\0')
			break;
	}
	return count;
}

static const struct command *
find_command(int argc, char **argv, int *used_r)
{
	char words[64];

	for (*used_r = 2; *used_r > 0; --*used_r) {
		if (argc < *used_r)
			continue;
		snprintf(words, sizeof(words), "%s%s%s", argv[0], *used_r == 2 ? " " : "",
			 *used_r == 2 ? argv[1] : "");
		for (size_t i = 0; i < COMMAND_COUNT; i++) {
			if (strcmp(commands[i].words, words) == 0)
				return &commands[i];
		}
	}
	return NULL;
}

/* Reads what the command needs. Ends the program when that fails. */
static void
prepare(struct ctl *ctl, enum needs needs)
{
	static struct secrets secrets;
	struct config *config = NULL;
	struct judge judge = {.secrets = needs == NEEDS_SECRETS ? &secrets : NULL};
	struct buf errors;

	buf_init(&errors, ctl->core.arena);
	ctl->config_path = config_path(ctl->options.config);
	judge.path = ctl->config_path;
	if (needs == NEEDS_NOTHING)
		return;
	if (judge_read(&judge, &errors, &config) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		exit(EXIT_CONFIG);
	}
	ctl->config = config;
	ctl->core.config = config;
	ctl->core.secrets = &secrets;
}

/* Reads the options, and finds the command and its arguments. */
static const struct command *
read_command(int argc, char **argv, struct ctl_options *options, char ***args_r)
{
	const struct option_row rows[] = {
		{.name = "name", .kind = OPTION_TEXT, .value = &options->name},
		{.name = "role", .kind = OPTION_TEXT, .value = &options->role},
		{.name = "except", .kind = OPTION_WORDS, .value = &options->except},
		{.name = "json", .value = &options->is_json},
		{.name = "key", .kind = OPTION_TEXT, .value = &options->key},
		{.name = "layout", .kind = OPTION_TEXT, .value = &options->layout},
		{.name = "show", .kind = OPTION_TEXT, .value = &options->show},
		{.name = "from", .kind = OPTION_TEXT, .value = &options->from},
		{.name = "to", .kind = OPTION_TEXT, .value = &options->to},
		{.name = "yes", .value = &options->is_yes},
		{.name = "timeout",
		 .kind = OPTION_NUMBER,
		 .value = &options->timeout_s,
		 .most = TIMEOUT_MOST_S},
		{.name = NULL},
	};
	const struct options usage = {
		.program = "boxofficectl",
		.synopsis = "COMMAND …",
		.print_summary = print_commands,
		.rows = rows,
		.tail = "\nExit status:\n" EXIT_LINE(0, "done") EXIT_LINE(1, "not done")
#define EXIT(name, number, meaning) EXIT_LINE(number, meaning)
#include "run/exit.def"
#undef EXIT
			,
		.has_words = true,
	};
	const struct command *command;
	int used;

	options->config = options_read(argc, argv, &usage);
	if (optind == argc) {
		options_print_usage(stderr, &usage);
		exit(EXIT_USAGE);
	}
	command = find_command(argc - optind, argv + optind, &used);
	if (!command || argc - optind - used != count_args(command))
		command_error(&usage, command, argv + optind, argc - optind);
	check_options(&usage, command);
	*args_r = argv + optind + used;
	return command;
}

int
main(int argc, char **argv)
{
	struct arena *arena = arena_new(ARENA_LIMIT);
	struct failure failure;
	struct ctl ctl = {.core = {.arena = arena, .failure = &failure}};
	const struct command *command;
	char **args;
	int status;

	log_init("boxofficectl", LOG_LEVEL_ERROR);
	command = read_command(argc, argv, &ctl.options, &args);
	crypt_init();
	/* What the layers below log from here on, they also return: a command says it once. */
	log_init("boxofficectl", LOG_LEVEL_MAX);
	failure_init(&failure, arena);
	prepare(&ctl, command->needs);
	ctl.dsn = command->dsn;
	ctl.is_any_schema = strncmp(command->words, "db ", 3) == 0 || command->run == ctl_demo_load;
	status = command->run(&ctl, args);
	core_fini(&ctl.core);
	config_free(ctl.config);
	arena_free_wiped(arena);
	if (fflush(stdout) != 0)
		return ctl_fail("could not write to standard output");
	return status;
}
