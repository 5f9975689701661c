/*
 * Pool: a listening unix socket and its workers. nginx maps routes to pools, so that a flood of one
 * kind of request cannot starve another. It belongs to the master.
 */
#ifndef BOXOFFICED_POOL_H
#define BOXOFFICED_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/config.h"

struct pool {
	const struct config_pool *wanted; /* lives as long as its configuration */
	int listen_fd;                    /* non-blocking, close-on-exec */
	bool is_inherited;                /* from systemd: never unlinked */
	bool is_throttled;                /* and that was logged */
	int64_t next_spawn_ms;            /* while throttled: when the next worker may be born */
	int64_t crashes;                  /* crashes in the current window of crash_window_s */
	int64_t window_ms;                /* when the window began */
};

struct pools {
	struct pool items[CONFIG_POOLS_MAX];
	size_t count;
};

/* The account that sockets and run_dir are given to; ids of -1: leave as it is. */
struct pool_owner {
	uid_t uid;
	gid_t gid;
};

/* Checks what a configuration needs beyond config_read(): a pool. */
MUST_USE enum err
pools_check(const struct config *config, struct buf *errors);

/* Finds who shall own the sockets under `config`: server_user when we are root,
 * server_socket_group. */
MUST_USE enum err
pool_owner_find(const struct config *config, struct buf *errors, struct pool_owner *owner_r);

/*
 * Makes `pools_r` as `config`, which is borrowed, wants it. Sockets of `old` (may be NULL) with the same name and path
 * are taken over, then those handed in by systemd (LISTEN_FDS, LISTEN_FDNAMES); the others are
 * bound: 0660, the group and backlog of the configuration. A socket file that nobody answers on is
 * stale and replaced; one that is answered is waited for up to `wait_ms` and then an error. On error
 * nothing changes, the reason is in `errors`.
 */
MUST_USE enum err
pools_open(const struct config *config, const struct pools *old, const struct pool_owner *owner,
	   int64_t wait_ms, struct buf *errors, struct pools *pools_r);

/* Closes the handed in descriptors that no pool took, and clears the environment of them. */
void
pools_forget_inherited(const struct pools *pools);

/* Closes the sockets that `kept` (may be NULL) does not have, and removes their files. */
void
pools_close(struct pools *pools, const struct pools *kept);

/* Counts one crash. Throttling starts with crash_limit crashes in a window of crash_window_s,
 * and ends with the first window that has fewer. */
void
pool_crashed(struct pool *pool, const struct config *config, int64_t now_ms);

/* May a worker be spawned now? While throttled: one every crash_delay_ms. */
bool
pool_may_spawn(struct pool *pool, const struct config *config, int64_t now_ms);

#endif
