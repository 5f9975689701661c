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

#include "boxofficed/handed.h"
#include "conf/config.h"

#define POOL_CRASHES_MAX 1000 /* the most that crash_limit may be */

struct pool {
	const struct config_pool *wanted; /* borrowed from the configuration */
	int listen_fd;                    /* non-blocking, close-on-exec */
	bool is_handed;                   /* one of `handed`: neither closed nor removed */
	dev_t file_dev;                   /* of the file that was bound */
	ino_t file_ino;
	bool is_throttled;     /* throttled, and this has been logged */
	int64_t next_spawn_ms; /* while throttled: when the next worker may be born */
	int64_t crashes_ms[POOL_CRASHES_MAX]; /* a ring of their times */
	size_t crash_count; /* of all crashes; the newest is at (count - 1) % POOL_CRASHES_MAX */
};

struct pools {
	struct pool items[CONFIG_POOLS_MAX];
	size_t count;
	struct handed handed;
};

/* The account that owns the sockets and run_dir. An id of -1 leaves the owner unchanged. */
struct pool_owner {
	uid_t uid;
	gid_t gid;
};

/* Finds the owner of the sockets under `config`, whose accounts were judged: server_user when we
 * are root, and server_socket_group. */
struct pool_owner
pool_owner_find(const struct config *config);

/*
 * Opens the sockets that `config` wants, which is borrowed. It first takes over sockets of `old`
 * (may be NULL) with the same name and path, then those handed in to the process. It binds the
 * others, with mode 0660 and the group and backlog of the configuration. It replaces a socket file
 * on which nobody answers. If somebody answers, it waits up to `wait_ms` and then fails. On error
 * nothing changes and `errors` has the reason: ERR_INVALID when the configuration must change,
 * ERR_RETRY when others are in the way.
 */
MUST_USE enum err
pools_open(const struct config *config, const struct pools *old, const struct pool_owner *owner,
	   int64_t wait_ms, struct buf *errors, struct pools *pools_r);

/* Logs which sockets that were handed in belong to no pool. */
void
pools_report_handed(const struct pools *pools);

/* In a child: closes all sockets but that of `own` (may be NULL). */
void
pools_keep_one(const struct pools *pools, const struct pool *own);

/* Closes the sockets that are not in `kept` (may be NULL), and removes their files. Those that were
 * handed in stay. */
void
pools_close(struct pools *pools, const struct pools *kept);

/* Counts one crash. Throttling lasts while crash_limit crashes lie within the last
 * crash_window_s. */
void
pool_crashed(struct pool *pool, const struct config *config, int64_t now_ms);

/* May a worker be spawned now? While throttled, one every crash_delay_ms. */
bool
pool_may_spawn(struct pool *pool, const struct config *config, int64_t now_ms);

#endif
