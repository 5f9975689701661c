/*
 * FastCGI: the one connection a worker serves, over libfcgi. Nobody else includes its header.
 *
 * The library is given connections, it never accepts them: fcgi_open() takes a connected socket.
 * That is how signals cannot be lost in its accept, how a silent peer is cut off by time-outs on
 * the socket, and how no socket is without close-on-exec. Connections are never kept (a kept one
 * would own the worker).
 */
#ifndef WEB_FCGI_H
#define WEB_FCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Once per worker, after it installed its own signal handlers: the library takes over SIGPIPE,
 * SIGUSR1 and SIGTERM where it finds none. */
void
fcgi_init(void);

/*
 * Reads the head of the request from the connection `fd`, which is ours from now on. Each read and
 * write waits at most `timeout_ms`. False when no request came: `fd` is closed.
 */
bool
fcgi_open(int fd, int64_t timeout_ms);

/* "NAME=value" texts, NULL-terminated; valid until fcgi_close(). */
const char *const *
fcgi_params(void);

/* Exactly `len` bytes of the body; false when it ends before or does not come in time. */
bool
fcgi_read(char *data, size_t len);

/* True when the body has no more bytes. */
bool
fcgi_is_at_end(void);

bool
fcgi_write(const char *data, size_t len);

/* Drops what is left of the body (at most 32 MiB), sends what was written and closes. False when
 * the answer was not delivered. */
bool
fcgi_close(void);

#endif
