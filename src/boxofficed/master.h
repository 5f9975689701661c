/*
 * Master: keeps the pools manned. It binds the sockets, spawns the workers and the mirror, replaces
 * children that die or are stuck, throttles those that crash in a loop, reloads, and stops
 * gracefully. It holds no database or cache connection. So nothing can hang or crash it, and its
 * children inherit nothing.
 *
 *   SIGTERM, SIGINT  stop: idle workers at once, the others after their request, at most
 *                    stop_timeout_ms
 *   SIGHUP           reload: reads the whole new configuration; on an error keeps the old one
 *   SIGUSR1          reopen the log, here and in the children
 */
#ifndef BOXOFFICED_MASTER_H
#define BOXOFFICED_MASTER_H

#include "boxofficed/pool.h"
#include "conf/config.h"

/* Takes ownership of `config`. Maps the host memory, runs until stopped and returns the exit
 * status. Sockets that a reload adds belong to `owner`. `pidfile_fd` is passed only so that the
 * children can close it. */
int
master_run(struct config *config, struct secrets *secrets, struct pools *pools,
	   const struct pool_owner *owner, int pidfile_fd);

#endif
