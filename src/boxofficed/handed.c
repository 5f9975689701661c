#include "config.h"

#include "boxofficed/handed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define LISTEN_FD_FIRST 3 /* sd_listen_fds(3) */

static int
fds_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int64_t number;

	if (pid == NULL || count == NULL || !text_parse_i64(pid, strlen(pid), &number) ||
	    number != getpid() || !text_parse_i64(count, strlen(count), &number) || number < 0 ||
	    number > HANDED_MAX)
		return 0;
	return (int)number;
}

static bool
is_listening(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) == 0 && value != 0;
}

static bool
read_path(int fd, char *path_r, size_t size)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
	    address.sun_family != AF_UNIX || len > sizeof(address))
		return false;
	snprintf(path_r, size, "%.*s", (int)sizeof(address.sun_path), address.sun_path);
	return true;
}

static void
add(struct handed *handed, int fd, const char *name, size_t name_len)
{
	char *path = handed->items[handed->count].path;

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!is_listening(fd) || !read_path(fd, path, sizeof(handed->items[0].path))) {
		log_warn("descriptor %d was handed in and is no listening unix socket", fd);
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	handed->items[handed->count].fd = fd;
	snprintf(handed->items[handed->count].name, HANDED_NAME_SIZE, "%.*s", (int)name_len, name);
	handed->count++;
}

void
handed_take(struct handed *handed_r)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int count = fds_count();

	handed_r->count = 0;
	for (int i = 0; i < count; i++) {
		size_t len = names == NULL ? 0 : strcspn(names, ":");

		add(handed_r, LISTEN_FD_FIRST + i, names == NULL ? "" : names, len);
		names = names == NULL || names[len] == '\0' ? NULL : names + len + 1;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

int
handed_find(const struct handed *handed, const char *name, const char *path)
{
	for (size_t i = 0; i < handed->count; i++)
		if (strcmp(handed->items[i].path, path) == 0)
			return handed->items[i].fd;
	for (size_t i = 0; i < handed->count; i++)
		if (strcmp(handed->items[i].name, name) == 0)
			return handed->items[i].fd;
	return -1;
}
