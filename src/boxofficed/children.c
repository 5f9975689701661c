#include "config.h"

#include "boxofficed/children.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

/* The master may die between fork and prctl. Then no signal would ever come. */
static void
watch_master(pid_t master)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(0);
}

bool
children_spawn(struct children *children, int pool, const char *name, uint32_t age,
	       int (*run)(void *context), void *context)
{
	pid_t master = getpid(), pid;
	int slot;

	if (children->count == sizeof(children->items) / sizeof(children->items[0]))
		return false;
	slot = hostmem_slot_take(name);
	if (slot < 0)
		return false;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		watch_master(master);
		hostmem_slot_use(slot);
		_exit(run(context));
	}
	if (pid < 0) {
		log_error("could not fork for %s: %s", name, strerror(errno));
		hostmem_slot_fold(slot);
		return false;
	}
	children->items[children->count++] = (struct child){
		.pid = pid,
		.pool = pool,
		.slot = slot,
		.age = age,
	};
	return true;
}

void
child_stop(struct child *child)
{
	if (child->is_stopping)
		return;
	child->is_stopping = true;
	kill(child->pid, SIGTERM);
}

void
child_kill(struct child *child)
{
	child->is_killed = true;
	kill(child->pid, SIGKILL);
}

/* SIGKILL and SIGTERM are orders from outside, the kernel included. The child is not at fault. */
static bool
is_crash_signal(int signal_number)
{
	switch (signal_number) {
	case SIGSEGV:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

bool
children_reap(struct children *children, struct child_end *end_r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		size_t i = 0;

		while (i < children->count && children->items[i].pid != pid)
			i++;
		if (i == children->count)
			continue; /* not our child: inherited from the process that started us */
		memset(end_r, 0, sizeof(*end_r));
		end_r->child = children->items[i];
		end_r->is_first = hostmem_requests(end_r->child.slot) == 0;
		end_r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		end_r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		end_r->is_crash = end_r->status != 0 || is_crash_signal(end_r->signal);
		hostmem_slot_fold(end_r->child.slot);
		children->items[i] = children->items[--children->count];
		return true;
	}
	return false;
}

int64_t
children_count(const struct children *children, int pool, uint32_t age)
{
	int64_t count = 0;

	for (size_t i = 0; i < children->count; i++)
		count += children->items[i].pool == pool && children->items[i].age == age &&
			 !children->items[i].is_stopping;
	return count;
}

void
children_signal(const struct children *children, int signal_number)
{
	for (size_t i = 0; i < children->count; i++)
		kill(children->items[i].pid, signal_number);
}
