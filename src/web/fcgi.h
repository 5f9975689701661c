/*
 * FastCGI: the one connection that a worker serves, over libfcgi. No other file includes the
 * library's header.
 *
 * The library never accepts connections: fcgi_open() gives it a connected socket. So no signal is
 * lost in its accept, time-outs on the socket cut off a silent peer, and every socket is
 * close-on-exec. Connections are never kept, because a kept connection would own the worker.
 */
#ifndef WEB_FCGI_H
#define WEB_FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call it once per worker, after the worker has installed its own signal handlers: the library
 * takes over SIGPIPE, SIGUSR1 and SIGTERM where it finds none. */
void
fcgi_init(void);

/*
 * Reads the head of the request from the connection `fd` and takes ownership of it. Each read and
 * write waits at most `timeout_ms`. Returns false and closes `fd` when no request came.
 */
bool
fcgi_open(int fd, int64_t timeout_ms);

/* "NAME=value" texts, NULL-terminated; valid until fcgi_close(). */
const char *const *
fcgi_params(void);

/* Reads exactly `len` bytes of the body. Returns false when the body ends earlier or does not come
 * in time. */
bool
fcgi_read(char *data, size_t len);

/* True when the body has no more bytes. */
bool
fcgi_is_at_end(void);

/* True when the peer has closed the connection, so that no answer would reach it. */
bool
fcgi_is_gone(void);

bool
fcgi_write(const char *data, size_t len);

/* Drops the rest of the body (at most 32 MiB), sends the answer and closes the connection. Returns
 * false when the answer was not delivered. */
bool
fcgi_close(void);

#endif
