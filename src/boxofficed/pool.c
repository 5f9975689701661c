#include "config.h"

#include "boxofficed/pool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
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

#define LISTEN_FD_FIRST 3 /* sd_listen_fds(3) */

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

static bool
is_socket_at(int fd, const char *path)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	memset(&address, 0, sizeof(address));
	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
	       address.sun_family == AF_UNIX && len <= sizeof(address) &&
	       strncmp(address.sun_path, path, sizeof(address.sun_path)) == 0;
}

static bool
is_listening(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 && value != 0;
}

static int
listen_fds_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int64_t number;

	if (pid == NULL || count == NULL || !text_parse_i64(pid, strlen(pid), &number) ||
	    number != getpid() || !text_parse_i64(count, strlen(count), &number) || number < 0 ||
	    number > CONFIG_POOLS_MAX * 2)
		return 0;
	return (int)number;
}

/* Is the `index`-th descriptor named `name` in LISTEN_FDNAMES? */
static bool
is_fd_named(int index, const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	size_t len;

	for (; names != NULL && index > 0; index--) {
		names = strchr(names, ':');
		names = names == NULL ? NULL : names + 1;
	}
	if (names == NULL)
		return false;
	len = strcspn(names, ":");
	return strlen(name) == len && memcmp(names, name, len) == 0;
}

static int
find_inherited(const struct pool *pool)
{
	int count = listen_fds_count();

	for (int i = 0; i < count; i++) {
		int fd = LISTEN_FD_FIRST + i;

		if (!is_listening(fd) ||
		    !(is_fd_named(i, pool->wanted->name) || is_socket_at(fd, pool->wanted->socket)))
			continue;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		return fd;
	}
	return -1;
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
	if (result == 0 && (owner->uid != (uid_t)-1 || owner->gid != (gid_t)-1))
		result = lchown(pool->wanted->socket, owner->uid, owner->gid);
	if (result == 0)
		result = listen(fd, (int)config->server_backlog);
	if (result < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static enum err
pool_open(struct pool *pool, const struct config *config, const struct pools *old,
	  const struct pool_owner *owner, int64_t wait_ms, struct buf *errors)
{
	const struct pool *before = find_old(old, pool);

	if (before != NULL) {
		pool->listen_fd = before->listen_fd;
		pool->is_inherited = before->is_inherited;
		if (!pool->is_inherited)
			listen(pool->listen_fd, (int)config->server_backlog);
		return ERR_OK;
	}
	pool->listen_fd = old == NULL ? find_inherited(pool) : -1;
	pool->is_inherited = pool->listen_fd >= 0;
	if (!pool->is_inherited)
		pool->listen_fd = bind_socket(pool, config, owner, wait_ms);
	if (pool->listen_fd >= 0)
		return ERR_OK;
	buf_printf(errors, "pool %s: could not listen on %s: %s\n", pool->wanted->name,
		   pool->wanted->socket,
		   errno == EADDRINUSE ? "another process answers there" : strerror(errno));
	return ERR_INVALID;
}

enum err
pools_open(const struct config *config, const struct pools *old, const struct pool_owner *owner,
	   int64_t wait_ms, struct buf *errors, struct pools *pools_r)
{
	struct pools pools = {.count = 0};

	for (size_t i = 0; i < config->pool_count; i++) {
		struct pool *pool = &pools.items[i];

		*pool = (struct pool){.wanted = &config->pools[i], .listen_fd = -1};
		if (pool_open(pool, config, old, owner, wait_ms, errors) != ERR_OK) {
			pools_close(&pools, old);
			return ERR_INVALID;
		}
		pools.count++;
	}
	*pools_r = pools;
	return ERR_OK;
}

void
pools_forget_inherited(const struct pools *pools)
{
	int count = listen_fds_count();

	for (int fd = LISTEN_FD_FIRST; fd < LISTEN_FD_FIRST + count; fd++) {
		bool is_taken = false;

		for (size_t i = 0; i < pools->count; i++)
			is_taken |= pools->items[i].listen_fd == fd;
		if (!is_taken) {
			log_warn("the socket handed in as descriptor %d belongs to no pool", fd);
			close(fd);
		}
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

void
pools_close(struct pools *pools, const struct pools *kept)
{
	for (size_t i = 0; i < pools->count; i++) {
		struct pool *pool = &pools->items[i];

		if (pool->listen_fd < 0 || find_old(kept, pool) != NULL)
			continue;
		if (!pool->is_inherited)
			unlink(pool->wanted->socket);
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
