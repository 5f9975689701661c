/* Log: opens the log of a program as its configuration says. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include <stdbool.h>

struct config;

/* Opens the log; also reopens it after a change of the configuration. `proc` names the process in
 * each line. On failure returns false with errno set, and the log stays where it was. */
bool
run_log_open(const struct config *config, const char *proc);

#endif
