/* Exit statuses besides 0 (done) and 1 (not done), from exit.def. */
#ifndef RUN_EXIT_H
#define RUN_EXIT_H

#include <stdarg.h>

/* A line of a list in the help. */
#define EXIT_LINE(number, meaning) "  " #number "\t" meaning "\n"

enum {
#define EXIT(name, number, meaning) EXIT_##name = (number),
#define EXIT_SERVER EXIT
#include "run/exit.def"
#undef EXIT
};

/* Writes why a program ends, behind its name, as a line to standard error. Returns `status`. */
int __attribute__((format(printf, 3, 4)))
exit_say(int status, const char *program, const char *format, ...);

int __attribute__((format(printf, 3, 0)))
exit_vsay(int status, const char *program, const char *format, va_list args);

#endif
