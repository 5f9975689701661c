/*
 * Reload, from outside: `boxofficed --reload` judges the configuration, tells the master to read it
 * again, and waits for what the master says of it (boxofficed/verdict.h).
 */
#ifndef BOXOFFICED_RELOAD_H
#define BOXOFFICED_RELOAD_H

/* Asks the master of `run_dir`, whose configuration was judged. Prints what came of it and returns
 * the exit status: 0, EXIT_CONFIG, EXIT_NOT_RUNNING or EXIT_NO_VERDICT. */
int
reload_ask(const char *run_dir);

#endif
