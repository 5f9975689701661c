/*
 * Log: one JSON object a line on a descriptor (standard error unless a file was opened). Each line
 * is one write(2), so that lines of several processes do not mix. Nobody waits for a reader that is
 * behind: lines are lost then, and the next one that arrives says how many.
 *
 * Never pass a password, token, e-mail address or card number. Lines contain ts, level, proc (name
 * and pid), msg, and the given members. log_reopen() reopens the file after rotation.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_MAX };

/* `proc` is a static string: boxofficed, worker, mirror, relay, … */
void
log_init(const char *proc, enum log_level level);

/* Reads "debug", "info", "warn" or "error". Returns false on any other name. */
bool
log_level_by_name(const char *name, enum log_level *level_r);

/* Appends to `path` from now on ("-": standard error). On failure returns -1 with errno set and
 * changes nothing. */
int
log_open(const char *path);

void
log_reopen(void);

void
log_set_proc(const char *proc);

/* Writes one line with a message. */
void
log_msg(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes one line with extra `members`: rendered JSON without braces, e.g. "\"ms\":3". */
void
log_members(enum log_level level, const char *msg, const char *members);

#define log_debug(...) log_msg(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_msg(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_msg(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
