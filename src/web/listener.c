/*
 * With EPOLLEXCLUSIVE a new connection wakes one idle worker instead of all. A wake-up is lost only
 * when the woken worker is killed before it accepts. For that case every worker also looks for
 * connections twice a second.
 */
#include "config.h"

#include "web/listener.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define TICK_MS 500
#define SILENT_PATIENCE_MS 5 /* nginx writes right after connect */
#define SILENT_LIFE_MS 2000
#define STOP_PATIENCE_MS \
	1000 /* for a connection taken just before the order to stop: nginx may be short of time */

static void
ignore_signal(int signal_number)
{
	(void)signal_number;
}

static void
watch(const struct listener *listener, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(listener->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		log_error("could not watch a descriptor: %s", strerror(errno));
		_exit(1);
	}
}

/* These are real functions, because libfcgi replaces both SIG_DFL and SIG_IGN with its own
 * handlers. */
static int
signals_open(void)
{
	static const int handled[] = {SIGTERM, SIGINT, SIGUSR1, SIGPIPE, SIGHUP};
	struct sigaction action = {.sa_handler = ignore_signal};
	sigset_t mask;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		sigaction(handled[i], &action, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
signals_read(struct listener *listener)
{
	struct signalfd_siginfo info;

	while (read(listener->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			log_reopen();
		else
			listener_stop(listener);
	}
}

static void
silent_remove(struct listener *listener, size_t i)
{
	epoll_ctl(listener->epoll_fd, EPOLL_CTL_DEL, listener->silent[i].fd, NULL);
	listener->silent[i] = listener->silent[--listener->silent_count];
}

static void
silent_add(struct listener *listener, int fd)
{
	if (listener->silent_count == LISTENER_SILENT_MAX) {
		size_t oldest = 0;

		for (size_t i = 1; i < LISTENER_SILENT_MAX; i++)
			if (listener->silent[i].until_ms < listener->silent[oldest].until_ms)
				oldest = i;
		close(listener->silent[oldest].fd);
		silent_remove(listener, oldest);
	}
	listener->silent[listener->silent_count].fd = fd;
	listener->silent[listener->silent_count].until_ms = clock_mono_ms() + SILENT_LIFE_MS;
	listener->silent_count++;
	watch(listener, fd, EPOLLIN);
}

static void
silent_expire(struct listener *listener)
{
	int64_t now_ms = listener->silent_count > 0 ? clock_mono_ms() : 0;

	for (size_t i = listener->silent_count; i > 0; i--) {
		if (listener->silent[i - 1].until_ms > now_ms)
			continue;
		close(listener->silent[i - 1].fd);
		silent_remove(listener, i - 1);
	}
}

static bool
is_readable(int fd, int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, wait_ms) > 0;
}

/* Returns a silent connection that has sent something by now, or -1. */
static int
silent_take(struct listener *listener)
{
	for (size_t i = 0; i < listener->silent_count; i++) {
		int fd = listener->silent[i].fd;

		if (is_readable(fd, 0)) {
			silent_remove(listener, i);
			return fd;
		}
	}
	return -1;
}

/* Returns a new connection that has sent something, or -1. */
static int
take_new(struct listener *listener)
{
	int fd = accept4(listener->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_warn("could not accept a connection: %s", strerror(errno));
			usleep(10000);
		}
		return -1;
	}
	if (is_readable(fd, SILENT_PATIENCE_MS))
		return fd;
	silent_add(listener, fd);
	return -1;
}

void
listener_init(struct listener *listener, int listen_fd)
{
	memset(listener, 0, sizeof(*listener));
	listener->listen_fd = listen_fd;
	listener->parent_pid = getppid();
	listener->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	listener->signal_fd = signals_open();
	if (listener->epoll_fd < 0 || listener->signal_fd < 0) {
		log_error("could not make descriptors to wait on: %s", strerror(errno));
		_exit(1);
	}
	watch(listener, listen_fd, EPOLLIN | EPOLLEXCLUSIVE);
	watch(listener, listener->signal_fd, EPOLLIN);
}

void
listener_stop(struct listener *listener)
{
	if (!listener->is_stopping)
		epoll_ctl(listener->epoll_fd, EPOLL_CTL_DEL, listener->listen_fd, NULL);
	listener->is_stopping = true;
}

/* Was a connection taken so recently that its request may still be on the way? */
static bool
is_expecting(const struct listener *listener)
{
	int64_t now_ms = listener->silent_count > 0 ? clock_mono_ms() : 0;

	for (size_t i = 0; i < listener->silent_count; i++)
		if (listener->silent[i].until_ms - SILENT_LIFE_MS + STOP_PATIENCE_MS > now_ms)
			return true;
	return false;
}

/* Waits for something to happen. Returns true when there may be a new connection. */
static bool
wait_for_events(struct listener *listener)
{
	struct epoll_event events[LISTENER_SILENT_MAX + 2];
	int wait_ms = !listener->is_stopping ? TICK_MS : is_expecting(listener) ? 10 : 0;
	int n = epoll_wait(listener->epoll_fd, events, LISTENER_SILENT_MAX + 2, wait_ms);
	bool is_new = n == 0 && !listener->is_stopping;

	for (int i = 0; i < n; i++)
		is_new |= events[i].data.fd == listener->listen_fd;
	/* The socket comes first, the signals second: nobody else was woken for this connection, so
	 * we still take it. */
	for (int i = 0; i < n; i++)
		if (events[i].data.fd == listener->signal_fd)
			signals_read(listener);
	if (n == 0 && getppid() != listener->parent_pid)
		listener_stop(listener);
	return is_new;
}

bool
listener_next(struct listener *listener, int *fd_r)
{
	for (;;) {
		bool is_new = wait_for_events(listener);
		int fd;

		silent_expire(listener);
		fd = silent_take(listener);
		if (fd < 0 && is_new)
			fd = take_new(listener);
		if (fd >= 0) {
			*fd_r = fd;
			return true;
		}
		if (listener->is_stopping && !is_expecting(listener))
			return false;
	}
}

void
listener_fini(struct listener *listener)
{
	for (size_t i = 0; i < listener->silent_count; i++)
		close(listener->silent[i].fd);
	close(listener->epoll_fd);
	close(listener->signal_fd);
}
