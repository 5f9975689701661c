#include "config.h"

#include "boxofficed/reload.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "boxofficed/pidfile.h"
#include "boxofficed/verdict.h"
#include "run/exit.h"

#define PROGRAM "boxofficed"
#define WAIT_MS 10000 /* a reload takes milliseconds; a master that is busy answers late */
#define MEMORY ((size_t)8 << 20)

struct asked {
	const char *run_dir;
	long pid;
	int process;   /* descriptor of the master, readable when it has ended */
	int folder;    /* inotify of run_dir */
	int64_t after; /* the verdict must have a higher number */
	struct arena *arena;
};

/* Takes hold of the process that has the lock of the pid file, so that no other process can take
 * its pid meanwhile. */
static bool
find_master(struct asked *asked)
{
	const char *path = arena_printf(asked->arena, "%s/boxofficed.pid", asked->run_dir);

	asked->pid = pidfile_holder(path);
	if (asked->pid == 0)
		return false;
	asked->process = (int)syscall(SYS_pidfd_open, asked->pid, 0);
	return asked->process >= 0 && pidfile_holder(path) == asked->pid;
}

/* Has a reload ended that began after we asked? */
static bool
has_verdict(const struct asked *asked, struct verdict *verdict_r)
{
	arena_reset(asked->arena);
	return verdict_read(asked->run_dir, asked->pid, asked->arena, verdict_r) &&
	       verdict_r->done > asked->after;
}

/* Waits until there is a verdict. Returns false when the master has ended or the time is over. */
static bool
wait_verdict(const struct asked *asked, struct verdict *verdict_r, bool *has_ended_r)
{
	struct pollfd fds[] = {{.fd = asked->folder, .events = POLLIN},
			       {.fd = asked->process, .events = POLLIN}};
	const int64_t until_ms = clock_mono_ms() + WAIT_MS;
	char events[4096];

	*has_ended_r = false;
	while (!has_verdict(asked, verdict_r)) {
		const int64_t left_ms = until_ms - clock_mono_ms();

		if (*has_ended_r || left_ms <= 0)
			return false;
		if (poll(fds, 2, (int)left_ms) < 0 && errno != EINTR)
			return false;
		/* It may have written its verdict before it ended: look once more. */
		*has_ended_r = fds[1].revents != 0;
		if (fds[0].revents != 0 && read(asked->folder, events, sizeof(events)) < 0)
			return false;
	}
	return true;
}

static int
ask(struct asked *asked)
{
	struct verdict verdict;
	bool has_ended;

	if (!find_master(asked))
		return exit_say(EXIT_NOT_RUNNING, PROGRAM,
				"none runs in %s; another run_dir needs a restart", asked->run_dir);
	asked->folder = inotify_init1(IN_CLOEXEC);
	if (asked->folder < 0 || inotify_add_watch(asked->folder, asked->run_dir, IN_MOVED_TO) < 0)
		return exit_say(EXIT_NO_VERDICT, PROGRAM, "could not watch %s: %s", asked->run_dir,
				strerror(errno));
	if (verdict_read(asked->run_dir, asked->pid, asked->arena, &verdict))
		asked->after = verdict.begun;
	if (syscall(SYS_pidfd_send_signal, asked->process, SIGHUP, NULL, 0) != 0)
		return exit_say(EXIT_NO_VERDICT, PROGRAM, "could not ask %ld: %s", asked->pid,
				strerror(errno));
	if (!wait_verdict(asked, &verdict, &has_ended))
		return exit_say(EXIT_NO_VERDICT, PROGRAM,
				has_ended ? "%ld has ended and reloaded nothing"
					  : "%ld gave no verdict in time",
				asked->pid);
	fputs(verdict.text, stderr);
	if (!verdict.is_taken)
		return exit_say(EXIT_CONFIG, PROGRAM,
				"%ld refused it and goes on with the old configuration",
				asked->pid);
	printf("reloaded\n");
	return EXIT_SUCCESS;
}

int
reload_ask(const char *run_dir)
{
	struct asked asked = {.run_dir = run_dir, .process = -1, .folder = -1};
	int status;

	asked.arena = arena_new(MEMORY);
	status = ask(&asked);
	if (asked.process >= 0)
		close(asked.process);
	if (asked.folder >= 0)
		close(asked.folder);
	arena_free(asked.arena);
	return status;
}
