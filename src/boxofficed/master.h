/*
 * Master: keeps the pools manned. It binds the sockets, spawns workers and the mirror, replaces what
 * dies or is stuck, throttles what crashes in a loop, reloads, stops gracefully. It does nothing
 * clever and holds no handle of a database or cache, so that nothing can hang or crash it and its
 * children inherit nothing.
 *
 *   SIGTERM, SIGINT  stop: idle workers at once, the others after their request, at most
 *                    stop_timeout_ms
 *   SIGHUP           reload: the new configuration is read whole; an error keeps the old one
 *   SIGUSR1          reopen the log, here and in the children
 */
#ifndef BOXOFFICED_MASTER_H
#define BOXOFFICED_MASTER_H

#include "conf/config.h"
#include "boxofficed/pool.h"

/* `config` is taken over. Runs until stopped; returns the exit status. Host memory is mapped here;
 * `pidfile_fd` is only kept from the children. */
int
master_run(struct config *config, struct secrets *secrets, struct pools *pools, int pidfile_fd);

#endif
