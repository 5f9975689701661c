/* Exit statuses besides 0 (done) and 1 (not done), from exit.def. */
#ifndef RUN_EXIT_H
#define RUN_EXIT_H

/* A line of a list in the help. */
#define EXIT_LINE(number, meaning) "  " #number "\t" meaning "\n"

enum {
#define EXIT(name, number, meaning) EXIT_##name = (number),
#define EXIT_SERVER EXIT
#include "run/exit.def"
#undef EXIT
};

#endif
