/* Notify: tells systemd about the state of the service (sd_notify(3)) without its library. */
#ifndef BOXOFFICED_NOTIFY_H
#define BOXOFFICED_NOTIFY_H

#include <stdint.h>

/* Sends "READY=1", "STOPPING=1", and so on. Does nothing without $NOTIFY_SOCKET. */
void
notify_send(const char *state);

/* Sends "RELOADING=1" with the time stamp that systemd requires. */
void
notify_reloading(void);

/* Half of the time within which systemd wants a sign of life (sd_watchdog_enabled(3)), in ms. 0:
 * it wants none, or not from this process. */
int64_t
notify_watchdog_ms(void);

#endif
