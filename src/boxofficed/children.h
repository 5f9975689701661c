/*
 * Children of the master: keeps the list of them, forks them and reaps them. The master decides
 * what to do with them.
 */
#ifndef BOXOFFICED_CHILDREN_H
#define BOXOFFICED_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/hostmem.h"

#define CHILD_MIRROR (-1) /* in place of a pool's index */

struct child {
	pid_t pid;
	int pool;         /* index, or CHILD_MIRROR */
	int slot;         /* in host memory */
	uint32_t age;     /* the configuration it was born under */
	bool is_stopping; /* was told to stop */
	bool is_killed;   /* we killed it: stuck or past its time */
};

struct children {
	struct child items[HOSTMEM_WORKERS_MAX + 1];
	size_t count;
};

/*
 * Forks a child, which takes a free `slot`, calls `run(context)` and exits with its result. The
 * child gets SIGTERM when the master dies. Returns false when the fork failed, which is logged, or
 * when no slot is free. A slot becomes free when a child of an older configuration ends.
 */
bool
children_spawn(struct children *children, int pool, const char *name, uint32_t age,
	       int (*run)(void *context), void *context);

/* Sends SIGTERM, once. */
void
child_stop(struct child *child);

void
child_kill(struct child *child);

/* How a child ended. */
struct child_end {
	struct child child;
	bool is_crash; /* exit status other than 0, or SEGV ABRT BUS FPE ILL SYS */
	bool is_first; /* before it had completed a single request */
	int signal;    /* 0: exited */
	int status;    /* exit status, when it exited */
};

/* Reaps one child that has ended and adds its counters to the totals. Returns false when none has
 * ended. */
bool
children_reap(struct children *children, struct child_end *end_r);

/* Counts the children of `pool` that were born under `age` and have not been told to stop. */
int64_t
children_count(const struct children *children, int pool, uint32_t age);

/* Sends the signal to all children. */
void
children_signal(const struct children *children, int signal_number);

#endif
