/*
 * boxofficectl db check: whether server, roles, schema and event log are as the programs need them.
 * It reads only, and names everything that is wrong.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "core/ready.h"
#include "core/schema.h"
#include "core/server.h"
#include "ctl/ctl.h"
#include "ctl/dbfiles.h"
#include "run/exit.h"
#include "run/run.h"

#define LOOK_TIMEOUT_MS 10000
/* Sessions besides the workers': the mirror, the relay, four jobs, a command and a reserve. */
#define OTHER_SESSIONS 8
#define RULES_MAX 32

/* --- the server --- */

/* The connections that the programs use, and whose they must be. */
static const struct session {
	const char *parameter;
	size_t dsn;
	bool is_owner;
	bool may_lag; /* it may lead to a standby, which has its own settings: it only answers */
} sessions[] = {
	{"owner_dsn", RUN_DSN(database_owner_dsn), true, false},
	{"dsn", RUN_DSN(database_dsn), false, false},
	{"batch_dsn", RUN_DSN(database_batch_dsn), false, false},
	{"read_dsn", RUN_DSN(database_read_dsn), false, true},
};

/* What was found so far. */
struct findings {
	struct ctl *ctl;
	const char *names[RULES_MAX]; /* of all rules */
	size_t name_count;
	const char *wrong[RULES_MAX]; /* names of the rules that are broken and were told */
	size_t wrong_count;
};

/* The most that the programs of this host have at once: a reload starts the new workers beside the
 * old ones. */
static int64_t
sessions_of(const struct config *config)
{
	int64_t workers = 0;

	for (size_t i = 0; i < config->pool_count; i++)
		workers += config->pools[i].workers;
	return 2 * workers + OTHER_SESSIONS;
}

static bool
is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static void
add_name(struct findings *findings, const char *name)
{
	if (!is_among(name, findings->names, findings->name_count) &&
	    findings->name_count < RULES_MAX)
		findings->names[findings->name_count++] = name;
}

/* Tells a broken rule, once for all sessions. */
static void
add_wrong(struct findings *findings, const char *name, const char *found, const char *advice)
{
	if (ctl_is_excepted(findings->ctl, name) ||
	    is_among(name, findings->wrong, findings->wrong_count) ||
	    findings->wrong_count == RULES_MAX)
		return;
	findings->wrong[findings->wrong_count++] = name;
	(void)ctl_fail("%s: %s: %s", name, found, advice);
}

static void
judge_rules(struct findings *findings, struct core *core, const struct session *session)
{
	struct server_rules rules;

	if (server_judge(core, sessions_of(core->config), session->is_owner, &rules) != ERR_OK) {
		add_wrong(findings, session->parameter, failure_reason(core->failure),
			  "its rules could not be looked at");
		return;
	}
	for (size_t i = 0; i < rules.count; i++) {
		const struct server_rule *rule = &rules.rules[i];

		add_name(findings, rule->name);
		if (!rule->is_right)
			add_wrong(findings, rule->name,
				  arena_printf(core->arena, "%s (%s)", rule->found,
					       session->parameter),
				  rule->advice);
	}
}

/* Connects as the programs do, with the rights of this account. */
static void
judge_session(struct findings *findings, const struct session *session)
{
	const struct ctl *ctl = findings->ctl;
	const struct core_access access = {
		.application = "boxofficectl",
		.dsn = *(const char **)((char *)ctl->config + session->dsn),
		.statement_timeout_ms = LOOK_TIMEOUT_MS,
		.is_any_schema = true,
	};
	struct failure failure;
	struct core core;

	add_name(findings, session->parameter);
	if (access.dsn[0] == '\0') /* read_dsn is not used */
		return;
	failure_init(&failure, ctl->core.arena);
	core_init(&core, ctl->config, ctl->core.secrets, &access);
	core.arena = ctl->core.arena;
	core.failure = &failure;
	if (core_connect(&core) != ERR_OK)
		add_wrong(findings, session->parameter, failure_reason(&failure),
			  "pg_hba.conf and pg_ident.conf must let this account in "
			  "(packaging/postgresql)");
	else if (!session->may_lag)
		judge_rules(findings, &core, session);
	core_fini(&core);
}

static int
check_server(struct ctl *ctl)
{
	struct findings findings = {.ctl = ctl};
	const char *unknown;

	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++)
		judge_session(&findings, &sessions[i]);
	unknown = ctl_unknown_exception(ctl, findings.names, findings.name_count);
	if (unknown)
		return ctl_fail("there is no rule %s", unknown);
	return findings.wrong_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- the schema --- */

static int
check_log(struct ctl *ctl)
{
	const char *reader;
	int64_t days;

	if (ready_days_ahead(&ctl->core, &days) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the event log");
	if (days < READY_DAYS_LEAST)
		return ctl_fail("the event log has partitions for %" PRId64
				" days ahead: at least %d are wanted; boxofficectl db migrate "
				"makes them",
				days, READY_DAYS_LEAST);
	if (eventlog_reader_ahead(&ctl->core, &reader) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not look at the readers of the event log");
	if (reader)
		return ctl_fail(
			"reader %s of the event log is ahead of the database's transactions: "
			"it was restored from a dump; boxofficectl events rebase puts it back",
			reader);
	return EXIT_SUCCESS;
}

static int
check_schema(struct ctl *ctl, const struct dbfiles *files, const struct schema_rows *applied)
{
	int status;

	if ((status = dbfiles_check_unchanged(files, applied)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_known(files, applied)) != EXIT_SUCCESS ||
	    (status = dbfiles_check_nothing_due(files, applied)) != EXIT_SUCCESS)
		return status;
	return check_log(ctl);
}

int
ctl_db_check(struct ctl *ctl, char **args)
{
	struct schema_rows applied;
	struct dbfiles files;
	int status, server;

	(void)args;
	status = dbfiles_look(ctl, LOOK_TIMEOUT_MS, &files, &applied);
	/* A server can be looked at before it has the schema. */
	if (status != EXIT_SUCCESS &&
	    (status != EXIT_SCHEMA_NONE || !core_is_connected(&ctl->core)))
		return status;
	server = check_server(ctl);
	if (status == EXIT_SUCCESS)
		status = check_schema(ctl, &files, &applied);
	if (status == EXIT_SUCCESS)
		status = server;
	if (status == EXIT_SUCCESS)
		puts("the database is right");
	return status;
}
