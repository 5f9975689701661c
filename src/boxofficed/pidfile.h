/* Pid file of a daemon: a lock that dies with its holder, and the pid for humans and scripts. */
#ifndef BOXOFFICED_PIDFILE_H
#define BOXOFFICED_PIDFILE_H

#include <sys/types.h>

/*
 * Creates or takes over `path` and locks it for this process (not for its children): a file left by
 * a process that is gone is healed. Returns the descriptor; -1 with errno set, EBUSY when another
 * process holds it (`holder_r` is its pid then).
 */
int
pidfile_take(const char *path, pid_t *holder_r);

/* Removes the file and lets go of it. */
void
pidfile_drop(int fd, const char *path);

#endif
