/* Exit statuses besides 0 (done) and 1 (not done). */
#ifndef RUN_EXIT_H
#define RUN_EXIT_H

#define EXIT_USAGE 2   /* the options or the words are wrong */
#define EXIT_CONFIG 78 /* the configuration is refused; EX_CONFIG of sysexits.h */

#endif
