/*
 * The library's defaults wait for seconds. Here each wait is a few tens of milliseconds, and the
 * first failure discards the whole handle. The library would keep a connection whose answers may be
 * off by one, and a list of servers that it distrusts by its own clock.
 */
#include "config.h"

#include "cache/cacheconn.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmemcached/memcached.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "cache/cache.h"
#include "host/hostmem.h"

#define PORT_DEFAULT 11211
#define TTL_MAX_S (30 * 86400) /* the server takes a longer TTL for a date */

void
cacheconn_init(struct cacheconn *conn, const struct cache_options *options)
{
	memset(conn, 0, sizeof(*conn));
	conn->options = options;
}

void
cacheconn_fini(struct cacheconn *conn)
{
	memcached_free(conn->handle);
	conn->handle = NULL;
}

/* --- the handle --- */

static bool
set_behaviors(memcached_st *handle, int64_t timeout_ms)
{
	const struct {
		memcached_behavior_t behavior;
		uint64_t value;
	} rows[] = {
		{MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, (uint64_t)timeout_ms},
		{MEMCACHED_BEHAVIOR_POLL_TIMEOUT, (uint64_t)timeout_ms},
		{MEMCACHED_BEHAVIOR_SND_TIMEOUT, (uint64_t)timeout_ms * 1000},
		{MEMCACHED_BEHAVIOR_RCV_TIMEOUT, (uint64_t)timeout_ms * 1000},
		/* Without this the time-outs are those of a blocking socket: none. */
		{MEMCACHED_BEHAVIOR_NO_BLOCK, 1},
		{MEMCACHED_BEHAVIOR_TCP_NODELAY, 1},
		{MEMCACHED_BEHAVIOR_VERIFY_KEY, 1},
		/* Adding or removing a server moves few keys. */
		{MEMCACHED_BEHAVIOR_DISTRIBUTION, MEMCACHED_DISTRIBUTION_CONSISTENT_KETAMA},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (memcached_behavior_set(handle, rows[i].behavior, rows[i].value) !=
		    MEMCACHED_SUCCESS)
			return false;
	}
	return true;
}

static bool
add_server(memcached_st *handle, const char *name, size_t len)
{
	struct address_server server;

	if (address_server(name, len, &server) != NULL)
		return false;
	if (server.is_socket)
		return memcached_server_add_unix_socket(handle, server.host) == MEMCACHED_SUCCESS;
	return memcached_server_add(handle, server.host,
				    (in_port_t)(server.port ? server.port : PORT_DEFAULT)) ==
	       MEMCACHED_SUCCESS;
}

static bool
add_servers(memcached_st *handle, const char *servers)
{
	for (size_t len; *(servers += strspn(servers, " \t")) != '\0'; servers += len) {
		len = strcspn(servers, " \t");
		if (!add_server(handle, servers, len))
			return false;
	}
	return true;
}

static void
leave_alone(struct cacheconn *conn, const char *why)
{
	hostmem_add(METRIC_CACHE_ERRORS, 1);
	if (!conn->is_away)
		log_warn("the cache is left alone for %lld ms: %s",
			 (long long)conn->options->retry_after_ms, why);
	snprintf(conn->why, sizeof(conn->why), "%s", why);
	conn->is_away = true;
	conn->retry_ms = clock_mono_ms() + conn->options->retry_after_ms;
	cacheconn_fini(conn);
}

bool
cacheconn_is_usable(struct cacheconn *conn)
{
	memcached_st *handle;

	if (conn->handle)
		return true;
	if (conn->options->servers[strspn(conn->options->servers, " \t")] == '\0' ||
	    clock_mono_ms() < conn->retry_ms)
		return false;
	handle = memcached_create(NULL);
	conn->handle = handle;
	if (handle && set_behaviors(handle, conn->options->timeout_ms) &&
	    add_servers(handle, conn->options->servers))
		return true;
	leave_alone(conn, "the servers of the configuration cannot be used");
	return false;
}

/* --- asking --- */

/* The library forgets why a connection over TCP failed, so this connects once more. Returns an
 * errno, 0 when it is not known. It asks no resolver, which could block. */
static int
ask_again(const memcached_instance_st *server, int64_t timeout_ms)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				       .ai_socktype = SOCK_STREAM};
	struct pollfd fd = {.events = POLLOUT};
	socklen_t len = sizeof(int);
	struct addrinfo *address;
	char port[8];
	int error = 0;

	snprintf(port, sizeof(port), "%u", (unsigned)memcached_server_port(server));
	if (getaddrinfo(memcached_server_name(server), port, &hints, &address) != 0)
		return 0;
	fd.fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd.fd < 0 ||
	    (connect(fd.fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS))
		error = errno;
	else if (poll(&fd, 1, (int)timeout_ms) == 0)
		error = ETIMEDOUT;
	else
		(void)getsockopt(fd.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (fd.fd >= 0)
		close(fd.fd);
	freeaddrinfo(address);
	return error;
}

/* Names the server that the key belongs to, and what went wrong there. */
static void
leave_server(struct cacheconn *conn, const char *key, memcached_return_t code)
{
	int error = memcached_last_error_errno(conn->handle);
	const char *word = memcached_strerror(NULL, code), *name;
	const memcached_instance_st *server;
	memcached_return_t found;
	char why[512], port[8] = "";

	server = memcached_server_by_key(conn->handle, key, strlen(key), &found);
	name = server ? memcached_server_name(server) : "no server";
	if (server && name[0] != '/') /* the path of a socket tells all */
		snprintf(port, sizeof(port), ":%u", (unsigned)memcached_server_port(server));
	if (error == 0 && server && !conn->is_away)
		error = ask_again(server, conn->options->timeout_ms);
	snprintf(why, sizeof(why), error ? "%s%s: %s: %s" : "%s%s: %s", name, port, word,
		 strerror(error));
	leave_alone(conn, why);
}

static enum cacheconn_answer
answer_of(struct cacheconn *conn, const char *key, memcached_return_t code)
{
	switch (code) {
	case MEMCACHED_SUCCESS:
	case MEMCACHED_STORED:
	case MEMCACHED_DELETED:
		if (conn->is_away)
			log_info("the cache is back");
		conn->is_away = false;
		return CACHECONN_YES;
	case MEMCACHED_NOTFOUND:
	case MEMCACHED_NOTSTORED:
	case MEMCACHED_DATA_EXISTS:
	case MEMCACHED_E2BIG:
		return CACHECONN_NO;
	default:
		leave_server(conn, key, code);
		return CACHECONN_FAILED;
	}
}

/* The lifetime in the server's format. */
static time_t
ttl_of(int64_t ttl_s)
{
	return (time_t)(ttl_s < TTL_MAX_S ? ttl_s : TTL_MAX_S);
}

enum cacheconn_answer
cacheconn_get(struct cacheconn *conn, const char *key, char **data_r, size_t *len_r)
{
	memcached_return_t code = MEMCACHED_FAILURE;
	uint32_t flags;
	char *data;
	size_t len;

	if (!cacheconn_is_usable(conn))
		return CACHECONN_FAILED;
	data = memcached_get(conn->handle, key, strlen(key), &len, &flags, &code);
	if (code == MEMCACHED_SUCCESS && !data)
		return CACHECONN_NO;
	if (code == MEMCACHED_SUCCESS) {
		*data_r = data;
		*len_r = len;
	} else {
		free(data);
	}
	return answer_of(conn, key, code);
}

enum cacheconn_answer
cacheconn_add(struct cacheconn *conn, const char *key, const char *data, size_t len, int64_t ttl_s)
{
	if (!cacheconn_is_usable(conn))
		return CACHECONN_FAILED;
	return answer_of(
		conn, key,
		memcached_add(conn->handle, key, strlen(key), data, len, ttl_of(ttl_s), 0));
}

enum cacheconn_answer
cacheconn_set(struct cacheconn *conn, const char *key, const char *data, size_t len, int64_t ttl_s)
{
	if (!cacheconn_is_usable(conn))
		return CACHECONN_FAILED;
	return answer_of(
		conn, key,
		memcached_set(conn->handle, key, strlen(key), data, len, ttl_of(ttl_s), 0));
}

enum cacheconn_answer
cacheconn_delete(struct cacheconn *conn, const char *key)
{
	if (!cacheconn_is_usable(conn))
		return CACHECONN_FAILED;
	return answer_of(conn, key, memcached_delete(conn->handle, key, strlen(key), 0));
}
