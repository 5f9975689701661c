/*
 * Mirror: the child that keeps host memory fresh from the primary database: which sessions are
 * revoked, and what time it is there. Workers judge tokens by both. The clock is written only after
 * the revocations of the same round were read: its age is the age of both.
 */
#ifndef BOXOFFICED_MIRROR_H
#define BOXOFFICED_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

struct config;

#define MIRROR_SILENT_MS 3000 /* replaced after this long without a sign of life */

/* Maps the memory that master and mirror share. Call it before the first fork. */
void
mirror_init(void);

/* Runs in the child until SIGTERM; returns its exit status. */
int
mirror_run(const struct config *config);

/* For the master: a new mirror is about to be born. */
void
mirror_expect(void);

/* Time since its last sign of life. A mirror without a database still gives signs. */
int64_t
mirror_silent_ms(void);

/* Rounds ended, well or not, since mirror_expect(). */
uint64_t
mirror_rounds(void);

#endif
