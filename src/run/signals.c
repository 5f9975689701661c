#include "config.h"

#include "run/signals.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define SLEEP_MAX_MS 200 /* longest delay of a signal that comes between check and sleep */

static volatile sig_atomic_t is_stopping;
static volatile sig_atomic_t is_reopening;

static void
on_stop(int signal)
{
	(void)signal;
	is_stopping = 1;
	alarm(1);
}

static void
on_alarm(int signal)
{
	(void)signal;
	_exit(EXIT_SUCCESS);
}

static void
on_reopen(int signal)
{
	(void)signal;
	is_reopening = 1;
}

void
signals_take(void)
{
	static const struct {
		int signal;
		void (*handler)(int signal);
	} rows[] = {
		{SIGTERM, on_stop},   {SIGINT, on_stop},   {SIGALRM, on_alarm},
		{SIGUSR1, on_reopen}, {SIGHUP, on_reopen}, {SIGPIPE, SIG_IGN},
	};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		action.sa_handler = rows[i].handler;
		sigaction(rows[i].signal, &action, NULL);
	}
}

bool
signals_is_stopping(void)
{
	return is_stopping != 0;
}

void
signals_reopen_log(void)
{
	if (!is_reopening)
		return;
	is_reopening = 0;
	log_reopen();
}

void
signals_pause(int64_t ms)
{
	const int64_t until_ms = clock_mono_ms() + ms;
	int64_t left_ms;

	while (!is_stopping && (left_ms = until_ms - clock_mono_ms()) > 0)
		poll(NULL, 0, left_ms < SLEEP_MAX_MS ? (int)left_ms : SLEEP_MAX_MS);
}
