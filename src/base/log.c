/*
 * A line is built in its own buffer, because a log line must also come out when there is no request
 * and no memory. A line that does not fit is cut and stays valid JSON.
 */
#include <config.h>

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define MESSAGE_MAX 4096
#define LINE_MAX_BYTES \
	(MESSAGE_MAX * 6 + 32768) /* escapes take up to six bytes; the rest is for members */
#define READER_WAIT_MS 100        /* for a reader of the log that is behind; then lines are lost */

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static struct {
	const char *proc;
	enum log_level level;
	int fd;
	bool is_socket;
	unsigned lost;       /* lines since the reader fell behind */
	char path[PATH_MAX]; /* empty: standard error */
} state = {.proc = "boxoffice", .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO};

static const char *const level_names[LOG_LEVEL_MAX] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

void
log_init(const char *proc, enum log_level level)
{
	state.proc = proc;
	state.level = level;
}

bool
log_level_by_name(const char *name, enum log_level *level_r)
{
	for (int level = 0; level < LOG_LEVEL_MAX; level++) {
		if (strcmp(level_names[level], name) == 0) {
			*level_r = (enum log_level)level;
			return true;
		}
	}
	return false;
}

void
log_set_proc(const char *proc)
{
	state.proc = proc;
}

static void
use_fd(int fd)
{
	if (state.fd != STDERR_FILENO)
		close(state.fd);
	state.fd = fd;
}

/* Standard error for a process that must not wait for the reader of its log. Whether writing waits
 * is kept with the open file, which others share, so a pipe is opened once more. */
static int
open_stderr(void)
{
	struct stat status;
	int fd;

	if (fstat(STDERR_FILENO, &status) < 0 || !S_ISFIFO(status.st_mode))
		return STDERR_FILENO;
	fd = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? STDERR_FILENO : fd;
}

int
log_open(const char *path)
{
	struct stat status;
	int fd;

	if (strcmp(path, "-") == 0) {
		use_fd(open_stderr());
		state.is_socket = fstat(state.fd, &status) == 0 && S_ISSOCK(status.st_mode);
		state.path[0] = '\0';
		return 0;
	}
	if (strlen(path) >= sizeof(state.path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
	if (fd < 0)
		return -1;
	use_fd(fd);
	state.is_socket = false;
	if (path != state.path)
		memcpy(state.path, path, strlen(path) + 1);
	return 0;
}

void
log_reopen(void)
{
	if (state.path[0] != '\0' && log_open(state.path) != 0)
		log_error("could not reopen the log: %s", strerror(errno));
}

static void
put(struct line *line, const char *text, size_t len)
{
	assert(len <= sizeof(line->text) - line->len);
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void
put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

/* Writes the text as a JSON string. Bytes that are not UTF-8 become U+FFFD. */
static void
put_string(struct line *line, const char *text)
{
	size_t len = strlen(text);
	char escape[8];

	put_text(line, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (c == '"' || c == '\\') {
			escape[0] = '\\';
			escape[1] = (char)c;
			put(line, escape, 2);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put(line, escape, 6);
		} else if (size <= len - i && text_is_utf8(text + i, size)) {
			put(line, text + i, size);
			i += size - 1;
		} else {
			put_text(line, "\\ufffd");
		}
	}
	put_text(line, "\"");
}

static void
put_head(struct line *line, enum log_level level)
{
	char stamp[CLOCK_RFC3339_SIZE], head[128];
	int64_t now_us = clock_wall_us();
	int len;

	line->len = 0;
	clock_format(now_us / 1000000, stamp);
	stamp[CLOCK_RFC3339_SIZE - 2] = '\0'; /* milliseconds go before the Z */
	len = snprintf(
		head, sizeof(head),
		"{\"ts\":\"%s.%03dZ\",\"level\":\"%s\",\"proc\":\"%.32s\",\"pid\":%d,\"msg\":",
		stamp, (int)(now_us / 1000 % 1000), level_names[level], state.proc, (int)getpid());
	put(line, head, (size_t)len);
}

static bool
write_all(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t rc = state.is_socket
				     ? send(state.fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL)
				     : write(state.fd, text, len);
		struct pollfd reader = {.fd = state.fd, .events = POLLOUT};

		if (rc > 0) {
			text += rc;
			len -= (size_t)rc;
		} else if (errno == EAGAIN) {
			/* Waits once until the reader is back, not for each line. */
			if (state.lost > 0 || poll(&reader, 1, READER_WAIT_MS) <= 0)
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* One write, so that lines of several processes do not mix. A full log, and one whose reader is
 * behind, loses the line: nobody waits for it. */
static void
send_line(struct line *line)
{
	const unsigned lost = state.lost;

	put_text(line, "}\n");
	if (!write_all(line->text, line->len)) {
		state.lost++;
		return;
	}
	state.lost = 0;
	if (lost > 0)
		log_warn("%u lines of the log were lost", lost);
}

void
log_msg(enum log_level level, const char *format, ...)
{
	struct line line; /* not zeroed: it is large */
	char message[MESSAGE_MAX];
	int saved_errno = errno;
	va_list args;

	if (level < state.level)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	put_head(&line, level);
	put_string(&line, message);
	send_line(&line);
	errno = saved_errno;
}

void
log_members(enum log_level level, const char *msg, const char *members)
{
	struct line line; /* not zeroed: it is large */
	char message[MESSAGE_MAX];
	int saved_errno = errno;

	if (level < state.level)
		return;
	snprintf(message, sizeof(message), "%s", msg);
	put_head(&line, level);
	put_string(&line, message);
	if (strlen(members) + 16 > sizeof(line.text) - line.len) {
		put_text(&line, ",\"cut\":true");
	} else if (members[0] != '\0') {
		put_text(&line, ",");
		put_text(&line, members);
	}
	send_line(&line);
	errno = saved_errno;
}
