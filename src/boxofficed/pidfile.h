/* Pid file of a daemon: a lock that ends with its holder, and the pid for humans and scripts. */
#ifndef BOXOFFICED_PIDFILE_H
#define BOXOFFICED_PIDFILE_H

#include <sys/types.h>

/*
 * Creates or takes over `path` and locks it for this process (not for its children). Takes over a
 * file that a dead process left behind. Returns the descriptor, or -1 with errno set. EBUSY:
 * another process holds it, and `holder_r` is its pid.
 */
int
pidfile_take(const char *path, pid_t *holder_r);

/* The process that holds the lock of `path`; 0: none does. */
pid_t
pidfile_holder(const char *path);

/* Removes the file and closes it. */
void
pidfile_drop(int fd, const char *path);

#endif
