/* Notify: tells systemd about the state of the service (sd_notify(3)) without its library. */
#ifndef BOXOFFICED_NOTIFY_H
#define BOXOFFICED_NOTIFY_H

/* "READY=1", "STOPPING=1", …; nothing happens without $NOTIFY_SOCKET. */
void
notify_send(const char *state);

/* "RELOADING=1" with the time stamp that systemd wants beside it. */
void
notify_reloading(void);

#endif
