/*
 * libfcgi 2.4 keeps everything about a request in FCGX_Request. A worker has one.
 *
 * This file sets the members ipcFd, keepConnection and detached by hand. FCGX_Accept_r() accepts
 * only when ipcFd is negative. It first finishes the request before, which closes ipcFd unless
 * keepConnection is set. `detached` makes the library close the socket at once; otherwise it waits
 * up to two seconds for the peer to close first. The body has been read to its end by then, so no
 * reset can overtake the answer.
 */
#include "config.h"

#include "web/fcgi.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <fcgiapp.h>

#define DRAIN_MAX ((size_t)32 << 20)

static FCGX_Request current;

void
fcgi_init(void)
{
	/* We do not use the library's own accept and close. If it ever gets there, its defaults are
	 * two seconds each. */
	setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "100", 1);
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "10", 1);
	if (FCGX_Init() != 0)
		abort();
}

bool
fcgi_open(int fd, int64_t timeout_ms)
{
	struct timeval timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	FCGX_InitRequest(&current, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	current.ipcFd = fd;
	current.keepConnection = 1;
	current.detached = 1;
	/* After a broken head the library closes fd, calls accept(-1) and returns with EBADF. */
	if (FCGX_Accept_r(&current) != 0)
		return false;
	current.keepConnection = 0;
	current.detached = 1;
	return true;
}

const char *const *
fcgi_params(void)
{
	return (const char *const *)current.envp;
}

bool
fcgi_read(char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t want = len - done < ((size_t)1 << 20) ? len - done : (size_t)1 << 20;
		int got = FCGX_GetStr(data + done, (int)want, current.in);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

bool
fcgi_is_at_end(void)
{
	int c = FCGX_GetChar(current.in);

	if (c < 0)
		return FCGX_GetError(current.in) == 0;
	FCGX_UnGetChar(c, current.in);
	return false;
}

/* recv() with MSG_PEEK would see the end only after the last byte of the request. The hang-up of a
 * unix socket is seen at once, whatever is left to read. A peer that has only stopped sending is
 * still there. */
bool
fcgi_is_gone(void)
{
	struct pollfd peer = {.fd = current.ipcFd};

	return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLHUP | POLLERR)) != 0;
}

bool
fcgi_write(const char *data, size_t len)
{
	while (len > 0) {
		size_t part = len < ((size_t)1 << 20) ? len : (size_t)1 << 20;

		if (FCGX_PutStr(data, (int)part, current.out) != (int)part)
			return false;
		data += part;
		len -= part;
	}
	return true;
}

bool
fcgi_close(void)
{
	char scrap[4096];
	size_t drained = 0;
	int got;
	bool is_sent;

	while (drained < DRAIN_MAX && (got = FCGX_GetStr(scrap, sizeof(scrap), current.in)) > 0)
		drained += (size_t)got;
	/* Closes instead of flushing: the end of the request then travels in the same write. */
	is_sent = FCGX_FClose(current.err) == 0 && FCGX_FClose(current.out) == 0;
	FCGX_Finish_r(&current);
	return is_sent;
}
