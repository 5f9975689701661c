/* Exit statuses besides 0 (done) and 1 (not done), from exit.def. */
#ifndef RUN_EXIT_H
#define RUN_EXIT_H

enum {
#define EXIT(name, number, meaning) EXIT_##name = (number),
#include "run/exit.def"
#undef EXIT
};

#endif
