/*
 * Listener: waits for the next connection of the pool, or for the order to stop.
 *
 * Signals arrive through a signalfd next to the socket, so no signal can fall between a check and
 * an accept. A connection that sends nothing (a bare connect of a health check) is put aside after
 * a few milliseconds and served when it sends something. It does not block the worker.
 */
#ifndef WEB_LISTENER_H
#define WEB_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTENER_SILENT_MAX 32

struct listener {
	int listen_fd; /* non-blocking, shared with the other workers of the pool */
	int epoll_fd;
	int signal_fd;
	bool is_stopping; /* SIGTERM or SIGINT came, the master is gone, or the worker retires */
	int parent_pid;
	struct {
		int fd;
		int64_t until_ms; /* clock_mono_ms(): closed at this time */
	} silent[LISTENER_SILENT_MAX];
	size_t silent_count;
};

/* Installs the worker's signal handling (SIGTERM, SIGINT: stop; SIGUSR1: log_reopen(); SIGPIPE and
 * SIGHUP: nothing). */
void
listener_init(struct listener *listener, int listen_fd);

/* Takes no new connections from now on. Those already taken are still handed out. */
void
listener_stop(struct listener *listener);

/* Stores a connection that has something to read in `fd_r`. Returns false when it is time to
 * stop. */
bool
listener_next(struct listener *listener, int *fd_r);

void
listener_fini(struct listener *listener);

#endif
