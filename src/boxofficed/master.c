#include "config.h"

#include "boxofficed/master.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/routes.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "boxofficed/children.h"
#include "boxofficed/mirror.h"
#include "boxofficed/notify.h"
#include "boxofficed/state.h"
#include "boxofficed/verdict.h"
#include "boxofficed/worker.h"
#include "host/hostmem.h"
#include "run/judge.h"
#include "run/log.h"

#define TICK_MS 100
#define FIRST_ROUND_MS 2000 /* how long workers wait for the mirror's first reading */
#define MIRROR_PAUSE_MS 200 /* between the end of one mirror and the next */

static struct master {
	struct config *config;
	struct secrets *secrets;
	struct pools *pools;
	struct pool_owner
		owner; /* found at the start: asking again could hang on a directory of accounts */
	struct children children;
	struct state state;
	struct verdict_file verdict;
	uint32_t age; /* of the configuration: counts reloads */
	int signal_fd;
	int pidfile_fd;
	bool is_stopping;
	int64_t stop_until_ms;
	int64_t mirror_after_ms; /* the earliest birth of the next mirror */
} master;

/* --- children --- */

/* A child keeps the socket it serves and nothing else that belongs to the master. */
static void
close_inherited(const struct pool *own)
{
	pools_keep_one(master.pools, own);
	close(master.signal_fd);
	close(master.pidfile_fd);
}

static int
run_worker(void *context)
{
	const struct pool *pool = context;
	const struct worker worker = {
		.config = master.config,
		.secrets = master.secrets,
		.pool = pool->wanted->name,
		.listen_fd = pool->listen_fd,
		.max_requests = pool->wanted->max_requests,
	};

	close_inherited(pool);
	hostmem_request_begin(); /* until it waits for connections: a worker may be stuck before */
	return worker_run(&worker);
}

static int
run_mirror(void *context)
{
	(void)context;
	close_inherited(NULL);
	return mirror_run(master.config);
}

static void
man_pool(int index, int64_t now_ms)
{
	struct pool *pool = &master.pools->items[index];
	int64_t count = children_count(&master.children, index, master.age);

	for (; count < pool->wanted->workers; count++) {
		if (!pool_may_spawn(pool, master.config, now_ms) ||
		    !children_spawn(&master.children, index, pool->wanted->name, master.age,
				    run_worker, pool))
			return;
	}
}

static void
man_mirror(int64_t now_ms)
{
	/* Two mirrors would both write the clock, so the next one is born only after the last has
	 * ended. */
	for (size_t i = 0; i < master.children.count; i++)
		if (master.children.items[i].pool == CHILD_MIRROR)
			return;
	if (now_ms < master.mirror_after_ms)
		return;
	mirror_expect();
	children_spawn(&master.children, CHILD_MIRROR, "mirror", master.age, run_mirror, NULL);
}

/* Spawns every child that is missing. */
static void
man_all(void)
{
	int64_t now_ms = clock_mono_ms();

	if (master.is_stopping)
		return;
	man_mirror(now_ms);
	for (size_t i = 0; i < master.pools->count; i++)
		man_pool((int)i, now_ms);
}

static const char *
child_name(const struct child *child)
{
	if (child->pool == CHILD_MIRROR)
		return "mirror";
	/* The child is older than a reload: its index may now mean another pool. */
	if (child->age != master.age || (size_t)child->pool >= master.pools->count)
		return "a former pool";
	return master.pools->items[child->pool].wanted->name;
}

static void
report_end(const struct child_end *end)
{
	const char *name = child_name(&end->child);
	long pid = end->child.pid;

	if (end->is_crash && end->signal != 0)
		log_error("%s: child %ld crashed by signal %d%s", name, pid, end->signal,
			  end->is_first ? " before its first answer" : "");
	else if (end->is_crash)
		log_error("%s: child %ld ended with status %d%s", name, pid, end->status,
			  end->is_first ? " before its first answer" : "");
	else if (end->signal != 0 && !end->child.is_killed)
		log_warn("%s: child %ld was killed by signal %d", name, pid, end->signal);
	else
		log_debug("%s: child %ld ended", name, pid);
}

static void
reap(void)
{
	struct child_end end;
	int64_t now_ms = clock_mono_ms();

	while (children_reap(&master.children, &end)) {
		report_end(&end);
		if (end.child.pool == CHILD_MIRROR) {
			master.mirror_after_ms = now_ms + (end.is_crash ? MIRROR_PAUSE_MS : 0);
		} else if (end.is_crash) {
			hostmem_add(METRIC_WORKER_CRASHES, 1);
			if (end.child.age == master.age)
				pool_crashed(&master.pools->items[end.child.pool], master.config,
					     now_ms);
		}
	}
}

static void
kill_stuck(void)
{
	int64_t limit_us = master.config->server_stuck_after_ms * 1000;
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < master.children.count; i++) {
		struct child *child = &master.children.items[i];
		int64_t since_us = hostmem_busy_since_us(child->slot);

		if (child->is_killed || since_us == 0 || now_us - since_us <= limit_us)
			continue;
		log_error("%s: child %ld is stuck for %lld ms and killed", child_name(child),
			  (long)child->pid, (long long)(now_us - since_us) / 1000);
		hostmem_add(METRIC_WORKER_STUCK, 1);
		child_kill(child);
	}
}

static void
kill_silent_mirror(void)
{
	if (mirror_silent_ms() <= MIRROR_SILENT_MS)
		return;
	for (size_t i = 0; i < master.children.count; i++) {
		struct child *child = &master.children.items[i];

		if (child->pool != CHILD_MIRROR || child->is_killed)
			continue;
		log_warn("the mirror is silent for %lld ms and replaced",
			 (long long)mirror_silent_ms());
		child_kill(child);
	}
}

/* --- orders --- */

static void
stop(const char *why)
{
	if (master.is_stopping)
		return;
	log_info("stopping: %s", why);
	state_stop(&master.state);
	master.is_stopping = true;
	master.stop_until_ms = clock_mono_ms() + master.config->server_stop_timeout_ms;
	/* Once the sockets are removed, no client can wait for an answer that never comes. */
	pools_close(master.pools, NULL);
	for (size_t i = 0; i < master.children.count; i++)
		child_stop(&master.children.items[i]);
}

static void
log_lines(enum log_level level, const char *prefix, const char *lines)
{
	while (*lines != '\0') {
		int len = (int)strcspn(lines, "\n");

		log_msg(level, "%s: %.*s", prefix, len, lines);
		lines += len + (lines[len] == '\n');
	}
}

/* Does everything that can fail, before anything changes. */
static bool
read_anew(struct buf *errors, struct config **config_r, struct secrets *secrets,
	  struct pools *pools)
{
	const struct judge judge = {
		.path = master.config->path,
		.parts = JUDGE_SERVICE,
		.pools = api_routes_pools(),
		.secrets = secrets,
	};

	if (judge_read(&judge, errors, config_r) != ERR_OK)
		return false;
	/* The sockets would move away from nginx. */
	if (strcmp((*config_r)->server_run_dir, master.config->server_run_dir) != 0)
		config_problem(*config_r, errors, "server", "run_dir",
			       "it changes with a restart only");
	else if (pools_open(*config_r, master.pools, &master.owner, 0, errors, pools) == ERR_OK)
		return true;
	secrets_wipe(secrets);
	config_free(*config_r);
	return false;
}

static void
adopt(struct config *config, const struct secrets *secrets, const struct pools *pools)
{
	struct config *old = master.config;

	pools_close(master.pools, pools);
	*master.pools = *pools;
	pools_report_handed(pools);
	secrets_wipe(master.secrets);
	*master.secrets = *secrets;
	master.config = config;
	master.age++;
	if (!run_log_open(config, "boxofficed"))
		log_error("could not open the log %s: %s", config->log_file, strerror(errno));
	config_free(old);
}

/* Says which new values wait for the next start. */
static void
note_waiting(const struct config *config, struct buf *notes, struct arena *arena)
{
	const char *names = config_waiting(master.config, config, arena);

	if (names[0] == '\0')
		return;
	log_warn("%s: the next start takes it, a reload does not", names);
	buf_printf(notes, "%s: the next start takes it, a reload does not\n", names);
}

static void
reload(void)
{
	struct pools pools;
	struct arena *arena = arena_new((size_t)1 << 20);
	struct secrets secrets;
	struct config *config;
	struct buf errors;
	bool is_taken;

	state_reload(&master.state);
	verdict_begin(&master.verdict);
	buf_init(&errors, arena);
	is_taken = read_anew(&errors, &config, &secrets, &pools);
	if (is_taken) {
		note_waiting(config, &errors, arena);
		adopt(config, &secrets, &pools);
		man_all(); /* the new ones first: no moment without workers */
		for (size_t i = 0; i < master.children.count; i++)
			if (master.children.items[i].age != master.age)
				child_stop(&master.children.items[i]);
		log_info("reloaded");
	} else {
		log_lines(LOG_LEVEL_ERROR, "not reloaded, the old configuration stays",
			  buf_text(&errors));
		log_reopen();
	}
	children_signal(&master.children, SIGUSR1);
	explicit_bzero(&secrets, sizeof(secrets)); /* its pointers were taken over or freed */
	state_expect(&master.state);
	verdict_end(&master.verdict, is_taken, buf_text(&errors));
	arena_free(arena);
}

static void
read_orders(void)
{
	struct signalfd_siginfo info;

	while (read(master.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGTERM:
			stop("SIGTERM");
			break;
		case SIGINT:
			stop("SIGINT");
			break;
		case SIGHUP:
			if (!master.is_stopping)
				reload();
			break;
		case SIGUSR1:
			log_reopen();
			children_signal(&master.children, SIGUSR1);
			break;
		default:
			break; /* SIGCHLD: each turn reaps */
		}
	}
}

static bool
wait_for_orders(int ms)
{
	struct pollfd poll_fd = {.fd = master.signal_fd, .events = POLLIN};

	return poll(&poll_fd, 1, ms) > 0;
}

static void
kill_the_rest(void)
{
	if (clock_mono_ms() < master.stop_until_ms)
		return;
	for (size_t i = 0; i < master.children.count; i++) {
		struct child *child = &master.children.items[i];

		if (child->is_killed)
			continue;
		log_warn("%s: child %ld did not stop in time and is killed", child_name(child),
			 (long)child->pid);
		child_kill(child);
	}
}

/* Workers cannot check tokens before the mirror's first reading. Without a database it never
 * comes. */
static void
start_mirror(void)
{
	int64_t until_ms = clock_mono_ms() + FIRST_ROUND_MS;

	man_mirror(clock_mono_ms());
	while (mirror_rounds() == 0 && clock_mono_ms() < until_ms)
		if (wait_for_orders(5))
			return;
}

static int
open_signals(void)
{
	static const int orders[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		sigaddset(&mask, orders[i]);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
master_run(struct config *config, struct secrets *secrets, struct pools *pools,
	   const struct pool_owner *owner, int pidfile_fd)
{
	master.config = config;
	master.secrets = secrets;
	master.pools = pools;
	master.owner = *owner;
	master.pidfile_fd = pidfile_fd;
	verdict_init(&master.verdict, config->server_run_dir);
	master.signal_fd = open_signals();
	if (master.signal_fd < 0) {
		log_error("could not make a signalfd: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	hostmem_init();
	mirror_init();
	start_mirror();
	man_all();
	log_info("serving %zu pools", master.pools->count);
	state_init(&master.state);
	state_expect(&master.state);
	for (;;) {
		state_tell(&master.state, &master.children, master.pools, master.age);
		wait_for_orders(state_wait_ms(&master.state, TICK_MS));
		read_orders();
		reap();
		if (master.is_stopping && master.children.count == 0)
			break;
		if (master.is_stopping) {
			kill_the_rest();
			continue;
		}
		kill_stuck();
		kill_silent_mirror();
		man_all();
	}
	verdict_drop(&master.verdict);
	log_info("stopped");
	config_free(master.config);
	return EXIT_SUCCESS;
}
