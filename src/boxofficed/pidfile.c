#include "config.h"

#include "boxofficed/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The previous holder may have removed the file between our open and our lock. So the path must
 * still name the file that we locked. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat by_fd, by_path;

	return fstat(fd, &by_fd) == 0 && stat(path, &by_path) == 0 &&
	       by_fd.st_dev == by_path.st_dev && by_fd.st_ino == by_path.st_ino;
}

static int
lock(int fd, pid_t *holder_r)
{
	struct flock wanted = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock found = wanted;

	if (fcntl(fd, F_SETLK, &wanted) == 0)
		return 0;
	if (errno == EACCES || errno == EAGAIN) {
		if (fcntl(fd, F_GETLK, &found) == 0 && found.l_type != F_UNLCK)
			*holder_r = found.l_pid;
		errno = EBUSY;
	}
	return -1;
}

int
pidfile_take(const char *path, pid_t *holder_r)
{
	char text[24];
	int fd, len;

	*holder_r = 0;
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return -1;
		if (lock(fd, holder_r) < 0) {
			int saved = errno;

			close(fd);
			errno = saved;
			return -1;
		}
		if (is_still_there(fd, path))
			break;
		close(fd);
	}
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

pid_t
pidfile_holder(const char *path)
{
	struct flock found = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool is_held;

	if (fd < 0)
		return 0;
	is_held = fcntl(fd, F_GETLK, &found) == 0 && found.l_type != F_UNLCK;
	close(fd);
	return is_held ? found.l_pid : 0;
}

void
pidfile_drop(int fd, const char *path)
{
	unlink(path);
	close(fd);
}
