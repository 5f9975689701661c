#include "config.h"

#include "boxofficed/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "conf/param.h"
#include "core/core.h"
#include "run/account.h"
#include "run/exit.h"

#define LIMIT_MS 10000
#define MEMORY ((size_t)8 << 20)

struct probe {
	const struct config *config;
	struct arena *arena;
	bool is_owner; /* what the service never uses, and nothing else */
};

/* Lines that begin with a dash tell what is wrong. */
#define WRONG "-"

static int
try_database(const struct probe *probe, const struct param *row, const char *dsn, struct buf *out)
{
	const struct core_access access = {
		.application = "boxofficed check",
		.dsn = dsn,
		.is_tried_once = true,
	};
	struct failure failure;
	struct core core;
	int status = EXIT_SUCCESS;

	failure_init(&failure, probe->arena);
	core_init(&core, probe->config, NULL, &access);
	core_begin(&core, probe->arena, &failure, NULL, clock_mono_ms() + LIMIT_MS);
	if (core_connect(&core) == ERR_OK) {
		buf_printf(out, "%s.%s: the server lets us in, and the schema fits\n", row->section,
			   row->name);
	} else {
		status = core_is_schema_older(&core)       ? EXIT_SCHEMA_OLDER
			 : core_is_database_missing(&core) ? EXIT_SCHEMA_NONE
							   : EXIT_UNREACHABLE;
		buf_printf(out, WRONG "%s.%s: %s\n", row->section, row->name,
			   failure_reason(&failure));
	}
	core_fini(&core);
	return status;
}

static int
try_cache(const struct probe *probe, struct buf *out)
{
	const struct core core = {.config = probe->config, .arena = probe->arena};
	const char *trouble = core_cache_trouble(&core);

	if (probe->config->cache_servers[0] == '\0')
		return EXIT_SUCCESS;
	if (trouble[0] == '\0') {
		buf_puts(out, "cache.servers: every server answers\n");
		return EXIT_SUCCESS;
	}
	while (*trouble != '\0') {
		const int len = (int)strcspn(trouble, "\n");

		buf_printf(out, WRONG "cache.servers: %.*s\n", len, trouble);
		trouble += len + 1;
	}
	return EXIT_CACHE_AWAY;
}

/* An account_work. */
static int
try_all(void *context, struct buf *out)
{
	const struct probe *probe = context;
	const struct param_table table = param_table();
	int status = EXIT_SUCCESS, found;

	for (size_t i = 0; i < table.count; i++) {
		const struct param *row = &table.rows[i];
		const char *dsn;

		if (row->type != PARAM_DSN || (row->readers == BY_CTL) != probe->is_owner)
			continue;
		dsn = param_get(row, probe->config, probe->arena);
		found = dsn[0] == '\0' ? EXIT_SUCCESS : try_database(probe, row, dsn, out);
		if (status == EXIT_SUCCESS)
			status = found;
	}
	found = probe->is_owner ? EXIT_SUCCESS : try_cache(probe, out);
	return status == EXIT_SUCCESS ? found : status;
}

static void
print(const struct buf *out)
{
	const char *line = out->len > 0 ? out->data : "";

	for (int len; *line != '\0'; line += len + 1) {
		const bool is_wrong = *line == *WRONG;

		len = (int)strcspn(line, "\n");
		fprintf(is_wrong ? stderr : stdout, "%.*s\n", len - is_wrong, line + is_wrong);
	}
}

int
probe_run(const struct config *config)
{
	struct arena *arena = arena_new(MEMORY);
	struct probe service = {config, arena, false};
	struct probe owner = {config, arena, true};
	const bool is_other = geteuid() == 0 && config->server_user[0] != '\0';
	int status, found;
	struct buf out;

	(void)log_open("/dev/null"); /* the report says it */
	buf_init(&out, arena);
	status = is_other ? account_ask(config->server_user, try_all, &service, &out)
			  : try_all(&service, &out);
	if (status < 0) {
		buf_printf(&out, WRONG "server.user: could not connect with the rights of %s: %s\n",
			   config->server_user, strerror(errno));
		status = EXIT_FAILURE;
	}
	found = geteuid() == 0 ? try_all(&owner, &out) : EXIT_SUCCESS;
	print(&out);
	arena_free(arena);
	return status == EXIT_SUCCESS ? found : status;
}
