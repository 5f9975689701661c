/* Log: a program's log as its configuration says. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include <stdbool.h>

struct config;

/* Opens it, or opens it anew; `proc` names the process in each line. False with errno set: then the log
 * stays where it was. */
bool
run_log_open(const struct config *config, const char *proc);

#endif
