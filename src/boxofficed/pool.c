#include "config.h"

#include "boxofficed/pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

struct pool_owner
pool_owner_find(const struct config *config)
{
	struct pool_owner owner = {.uid = (uid_t)-1, .gid = (gid_t)-1};

	if (geteuid() == 0 && config->server_user[0] != '\0') {
		const struct passwd *user = getpwnam(config->server_user);

		assert(user != NULL); /* JUDGE_ACCOUNTS */
		owner.uid = user->pw_uid;
		owner.gid = user->pw_gid;
	}
	if (config->server_socket_group[0] != '\0') {
		const struct group *group = getgrnam(config->server_socket_group);

		assert(group != NULL);
		owner.gid = group->gr_gid;
	}
	return owner;
}

static const struct pool *
find_old(const struct pools *old, const struct pool *pool)
{
	for (size_t i = 0; old != NULL && i < old->count; i++)
		if (strcmp(old->items[i].wanted->name, pool->wanted->name) == 0 &&
		    strcmp(old->items[i].wanted->socket, pool->wanted->socket) == 0)
			return &old->items[i];
	return NULL;
}

static bool
is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* EAGAIN: the backlog is full, so somebody listens. */
	bool is_there =
		fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
			    errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return is_there;
}

/* Removes a socket that a dead process left behind. Workers of a killed master answer until their
 * requests end, so their socket is waited for. */
static bool
clear_path(const struct sockaddr_un *address, int64_t wait_ms)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct stat info;

	while (lstat(address->sun_path, &info) == 0) {
		if (!S_ISSOCK(info.st_mode)) {
			errno = EEXIST;
			return false;
		}
		if (!is_answered(address))
			return unlink(address->sun_path) == 0 || errno == ENOENT;
		if (clock_mono_ms() >= until_ms) {
			errno = EADDRINUSE;
			return false;
		}
		usleep(20000);
	}
	return true;
}

/* In a setgid run_dir the socket has the right group from the start, and the sandbox of the service
 * forbids every chown. */
static int
give_away(const char *path, const struct pool_owner *owner)
{
	struct stat info;

	if (lstat(path, &info) == 0 && (owner->uid == (uid_t)-1 || owner->uid == info.st_uid) &&
	    (owner->gid == (gid_t)-1 || owner->gid == info.st_gid))
		return 0;
	return lchown(path, owner->uid, owner->gid);
}

static int
bind_socket(const struct pool *pool, const struct config *config, const struct pool_owner *owner,
	    int64_t wait_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd, result, saved;

	memcpy(address.sun_path, pool->wanted->socket, strlen(pool->wanted->socket));
	if (!clear_path(&address, wait_ms))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	mask = umask(0117); /* 0660 from the first moment */
	result = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	saved = errno;
	umask(mask);
	errno = saved;
	if (result < 0) {
		close(fd);
		errno = saved;
		return -1;
	}
	if (give_away(pool->wanted->socket, owner) < 0 ||
	    listen(fd, (int)config->server_backlog) < 0) {
		saved = errno;
		unlink(pool->wanted->socket);
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void
remember_file(struct pool *pool)
{
	struct stat info;

	if (lstat(pool->wanted->socket, &info) == 0) {
		pool->file_dev = info.st_dev;
		pool->file_ino = info.st_ino;
	}
}

/* Somebody may have put another socket there, systemd for one. */
static void
remove_file(const struct pool *pool)
{
	struct stat info;

	if (lstat(pool->wanted->socket, &info) == 0 && info.st_dev == pool->file_dev &&
	    info.st_ino == pool->file_ino)
		unlink(pool->wanted->socket);
}

static bool
is_served(const struct pools *pools, int fd)
{
	for (size_t i = 0; i < pools->count; i++)
		if (pools->items[i].listen_fd == fd)
			return true;
	return false;
}

static int
find_handed(const struct pools *pools, const struct pool *pool)
{
	int fd = handed_find(&pools->handed, pool->wanted->name, pool->wanted->socket);

	return is_served(pools, fd) ? -1 : fd;
}

/* Was the usual socket of the pool handed in, while the pool wants another? nginx and whoever
 * handed it in go on with that one, and nobody would answer there. */
static bool
is_waited_for(const struct pools *pools, const struct config *config, const struct pool *pool)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.sock", config->server_run_dir, pool->wanted->name);
	fd = handed_find(&pools->handed, pool->wanted->name, path);
	return fd >= 0 && !is_served(pools, fd);
}

/* Will another start fail as well, whatever others do meanwhile? */
static enum err
class_of(int error)
{
	switch (error) {
	case EADDRINUSE:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return ERR_RETRY;
	default:
		return ERR_INVALID;
	}
}

/* Opens the pool behind the last one of `pools`. */
static enum err
pool_open(struct pools *pools, const struct config *config, const struct pools *old,
	  const struct pool_owner *owner, int64_t wait_ms, struct buf *errors)
{
	struct pool *pool = &pools->items[pools->count];
	const struct pool *before = find_old(old, pool);
	int error = 0;

	if (before != NULL) {
		pool->listen_fd = before->listen_fd;
		pool->is_handed = before->is_handed;
		pool->file_dev = before->file_dev;
		pool->file_ino = before->file_ino;
		if (!pool->is_handed)
			listen(pool->listen_fd, (int)config->server_backlog);
		return ERR_OK;
	}
	pool->listen_fd = find_handed(pools, pool);
	pool->is_handed = pool->listen_fd >= 0;
	if (!pool->is_handed && is_waited_for(pools, config, pool)) {
		buf_printf(errors,
			   "pool %s: its socket is another than the one that was handed in: "
			   "change both, the unit and this\n",
			   pool->wanted->name);
		return ERR_INVALID;
	}
	if (!pool->is_handed) {
		pool->listen_fd = bind_socket(pool, config, owner, wait_ms);
		error = errno;
		remember_file(pool);
	}
	if (pool->listen_fd >= 0)
		return ERR_OK;
	buf_printf(errors, "pool %s: could not listen on %s: %s\n", pool->wanted->name,
		   pool->wanted->socket,
		   error == EADDRINUSE ? "another process answers there" : strerror(error));
	return class_of(error);
}

enum err
pools_open(const struct config *config, const struct pools *old, const struct pool_owner *owner,
	   int64_t wait_ms, struct buf *errors, struct pools *pools_r)
{
	struct pools pools = {.count = 0};
	enum err err;

	if (old != NULL)
		pools.handed = old->handed;
	else
		handed_take(&pools.handed);
	for (size_t i = 0; i < config->pool_count; i++) {
		pools.items[i] = (struct pool){.wanted = &config->pools[i], .listen_fd = -1};
		err = pool_open(&pools, config, old, owner, wait_ms, errors);
		if (err != ERR_OK) {
			pools_close(&pools, old);
			return err;
		}
		pools.count++;
	}
	*pools_r = pools;
	return ERR_OK;
}

void
pools_report_handed(const struct pools *pools)
{
	for (size_t i = 0; i < pools->handed.count; i++)
		if (!is_served(pools, pools->handed.items[i].fd))
			log_warn("the socket %s was handed in and belongs to no pool",
				 pools->handed.items[i].path);
}

void
pools_keep_one(const struct pools *pools, const struct pool *own)
{
	const int own_fd = own == NULL ? -1 : own->listen_fd;

	for (size_t i = 0; i < pools->count; i++)
		if (!pools->items[i].is_handed && pools->items[i].listen_fd != own_fd)
			close(pools->items[i].listen_fd);
	for (size_t i = 0; i < pools->handed.count; i++)
		if (pools->handed.items[i].fd != own_fd)
			close(pools->handed.items[i].fd);
}

void
pools_close(struct pools *pools, const struct pools *kept)
{
	for (size_t i = 0; i < pools->count; i++) {
		struct pool *pool = &pools->items[i];

		if (pool->listen_fd < 0 || pool->is_handed || find_old(kept, pool) != NULL)
			continue;
		remove_file(pool);
		close(pool->listen_fd);
		pool->listen_fd = -1;
	}
}

/* The crashes of the last crash_window_s, as far as the limit needs them. */
static int64_t
recent_crashes(const struct pool *pool, const struct config *config, int64_t now_ms)
{
	int64_t since_ms = now_ms - config->server_crash_window_s * 1000;
	size_t known = pool->crash_count < POOL_CRASHES_MAX ? pool->crash_count : POOL_CRASHES_MAX;
	int64_t count = 0;

	for (size_t i = 1; i <= known; i++) {
		if (pool->crashes_ms[(pool->crash_count - i) % POOL_CRASHES_MAX] < since_ms)
			break;
		count++;
	}
	return count;
}

void
pool_crashed(struct pool *pool, const struct config *config, int64_t now_ms)
{
	int64_t recent;

	pool->crashes_ms[pool->crash_count++ % POOL_CRASHES_MAX] = now_ms;
	recent = recent_crashes(pool, config, now_ms);
	if (recent < config->server_crash_limit || pool->is_throttled)
		return;
	pool->is_throttled = true;
	pool->next_spawn_ms = now_ms + config->server_crash_delay_ms;
	log_error("pool %s is throttled: %lld crashes in %lld s", pool->wanted->name,
		  (long long)recent, (long long)config->server_crash_window_s);
}

bool
pool_may_spawn(struct pool *pool, const struct config *config, int64_t now_ms)
{
	if (!pool->is_throttled)
		return true;
	if (recent_crashes(pool, config, now_ms) < config->server_crash_limit) {
		pool->is_throttled = false;
		log_info("pool %s is throttled no more", pool->wanted->name);
		return true;
	}
	if (now_ms < pool->next_spawn_ms)
		return false;
	pool->next_spawn_ms = now_ms + config->server_crash_delay_ms;
	return true;
}
