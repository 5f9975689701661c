/*
 * Signals of programs that work in a loop: SIGTERM and SIGINT stop it, SIGUSR1 and SIGHUP reopen
 * the log. One second after the order to stop, the process ends wherever it is. The database then
 * completes or rolls back what it is doing for it.
 */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

void
signals_take(void);

bool
signals_is_stopping(void);

/* Reopens the log when a signal asked for it. */
void
signals_reopen_log(void);

/* Sleeps until the time is over or an order to stop arrives. */
void
signals_pause(int64_t ms);

#endif
