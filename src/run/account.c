#include "config.h"

#include "run/account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define REPORT_MEMORY ((size_t)8 << 20)
#define READ_SIZE 4096
#define STATUS_FAILED 255 /* of a child; the errno is its report */

bool
account_become(const char *name)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (user == NULL && errno == 0)
		errno = ENOENT;
	return user != NULL && initgroups(name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0 &&
	       setuid(user->pw_uid) == 0;
}

static void __attribute__((noreturn)) put_and_end(int fd, const char *data, size_t len, int status)
{
	while (len > 0) {
		ssize_t written = write(fd, data, len);

		if (written < 0)
			_exit(STATUS_FAILED);
		data += written;
		len -= (size_t)written;
	}
	_exit(status);
}

static void __attribute__((noreturn))
work_as(const char *name, account_work *work, void *context, int fd)
{
	struct buf report;
	int status;

	if (!account_become(name)) {
		const int error = errno;

		put_and_end(fd, (const char *)&error, sizeof(error), STATUS_FAILED);
	}
	buf_init(&report, arena_new(REPORT_MEMORY));
	status = work(context, &report);
	put_and_end(fd, report.data, report.len, status);
}

/* Reads to the end of the report. Returns the exit status of the child; -1 when it has none. */
static int
hear(int fd, pid_t child, struct buf *out)
{
	char text[READ_SIZE];
	int status;
	ssize_t len;

	while ((len = read(fd, text, sizeof(text))) > 0 || (len < 0 && errno == EINTR)) {
		if (len > 0)
			buf_put(out, text, (size_t)len);
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	errno = ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
account_ask(const char *name, account_work *work, void *context, struct buf *out)
{
	const size_t before = out->len;
	int ends[2], status;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		close(ends[0]);
		work_as(name, work, context, ends[1]);
	}
	close(ends[1]);
	status = child < 0 ? -1 : hear(ends[0], child, out);
	close(ends[0]);
	if (status != STATUS_FAILED)
		return status;
	if (out->len == before + sizeof(errno))
		memcpy(&errno, out->data + before, sizeof(errno));
	out->len = before;
	return -1;
}
