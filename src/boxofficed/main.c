/* boxofficed: reads the options, does what comes before the first fork, and then runs the
 * master. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "boxofficed/master.h"
#include "boxofficed/pidfile.h"
#include "boxofficed/pool.h"
#include "boxofficed/probe.h"
#include "boxofficed/reload.h"
#include "conf/config.h"
#include "run/account.h"
#include "run/exit.h"
#include "run/judge.h"
#include "run/log.h"
#include "run/options.h"

struct wish {
	const char *config;
	bool is_check;
	bool is_connect;
	bool is_reload;
};

static struct wish
read_wish(int argc, char **argv)
{
	struct wish wish = {.config = NULL};
	const struct option_row rows[] = {
		{.name = "check",
		 .value = &wish.is_check,
		 .help = "say whether the configuration and the secrets are right: 0 or 78"},
		{.name = "connect",
		 .value = &wish.is_connect,
		 .help = "with --check: connect to every database and to the cache, too"},
		{.name = "reload",
		 .value = &wish.is_reload,
		 .help = "let the running one read its configuration again; say what came of it"},
		{.name = "foreground"}, /* accepted and ignored: it always runs in the foreground */
		{.name = NULL},
	};
	const struct options options = {
		.program = "boxofficed",
		.synopsis = "[--check [--connect] | --reload]",
		.summary = "Serves the box office to nginx over FastCGI, in the foreground.",
		.rows = rows,
		.tail = "\n"
			"Signals: TERM stops gracefully, HUP reloads, USR1 reopens the log.\n"
			"\nExit status:\n" EXIT_LINE(0, "done") EXIT_LINE(1, "not done")
#define EXIT(name, number, meaning) EXIT_LINE(number, meaning)
#define EXIT_SERVER EXIT
#include "run/exit.def"
#undef EXIT
			,
	};

	wish.config = options_read(argc, argv, &options);
	if (wish.is_connect && !wish.is_check)
		options_refuse(&options, "--connect goes with --check");
	if (wish.is_check && wish.is_reload)
		options_refuse(&options, "--reload checks by itself");
	return wish;
}

static void __attribute__((noreturn, format(printf, 2, 3))) die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	exit_vsay(status, "boxofficed", format, args);
	va_end(args);
	exit(status);
}

static struct config *
read_config(const char *path, struct secrets *secrets)
{
	const struct judge judge = {
		.path = config_path(path),
		.parts = JUDGE_SERVICE | JUDGE_ACCOUNTS,
		.pools = api_routes_pools(),
		.secrets = secrets,
	};
	struct arena *arena = arena_new((size_t)1 << 20);
	struct config *config = NULL;
	struct buf errors;

	buf_init(&errors, arena);
	if (judge_read(&judge, &errors, &config) != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		exit(EXIT_CONFIG);
	}
	arena_free(arena);
	return config;
}

static void
make_run_dir(const char *path, const struct pool_owner *owner)
{
	if (mkdir(path, 0755) == 0) {
		if (owner->uid != (uid_t)-1 && chown(path, owner->uid, (gid_t)-1) < 0)
			die(EXIT_FAILURE, "could not give %s away: %s", path, strerror(errno));
	} else if (errno != EEXIST) {
		die(EXIT_FAILURE, "could not make %s: %s", path, strerror(errno));
	}
}

static int
take_pidfile(const char *path, const struct pool_owner *owner)
{
	pid_t holder;
	int fd = pidfile_take(path, &holder);

	if (fd < 0 && errno == EBUSY)
		die(EXIT_FAILURE, "already running as %ld (%s)", (long)holder, path);
	if (fd < 0)
		die(EXIT_FAILURE, "could not write %s: %s", path, strerror(errno));
	if (owner->uid != (uid_t)-1 && fchown(fd, owner->uid, (gid_t)-1) < 0)
		die(EXIT_FAILURE, "could not give %s away: %s", path, strerror(errno));
	return fd;
}

/* Nothing after the sockets needs root, so master and children give it up for good. */
static void
drop_privileges(const char *name)
{
	if (geteuid() == 0 && name[0] != '\0' && !account_become(name))
		die(EXIT_FAILURE, "could not become %s: %s", name, strerror(errno));
}

static void
open_pools(const struct config *config, const struct pool_owner *owner, struct pools *pools)
{
	struct arena *arena = arena_new((size_t)1 << 20);
	struct buf errors;
	enum err err;

	buf_init(&errors, arena);
	err = pools_open(config, NULL, owner, config->server_stop_timeout_ms, &errors, pools);
	if (err != ERR_OK) {
		fputs(buf_text(&errors), stderr);
		exit(err == ERR_INVALID ? EXIT_CONFIG : EXIT_FAILURE);
	}
	arena_free(arena);
}

/* An order to reload waits until the master can take it, instead of ending the process. */
static void
defer_reload(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

/* What is asked of a configuration that is right, but to serve. Returns the exit status. */
static int
answer(const struct wish *wish, const struct config *config)
{
	if (wish->is_reload)
		return reload_ask(config->server_run_dir);
	printf("%s is right\n", config->path);
	return wish->is_connect ? probe_run(config) : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static struct secrets secrets;
	struct pools pools;
	const struct wish wish = read_wish(argc, argv);
	struct pool_owner owner;
	struct config *config;
	char pidfile[PATH_MAX];
	int fd, status;

	config = read_config(wish.config, &secrets);
	if (wish.is_check || wish.is_reload) {
		secrets_wipe(&secrets);
		status = answer(&wish, config);
		config_free(config);
		return status;
	}
	defer_reload();
	owner = pool_owner_find(config);
	make_run_dir(config->server_run_dir, &owner);
	snprintf(pidfile, sizeof(pidfile), "%s/boxofficed.pid", config->server_run_dir);
	fd = take_pidfile(pidfile, &owner);
	open_pools(config, &owner, &pools);
	drop_privileges(config->server_user);
	if (!run_log_open(config, "boxofficed"))
		die(EXIT_FAILURE, "could not open the log %s: %s", config->log_file,
		    strerror(errno));
	pools_report_handed(&pools);
	status = master_run(config, &secrets, &pools, &owner, fd);
	secrets_wipe(&secrets);
	pidfile_drop(fd, pidfile);
	return status;
}
