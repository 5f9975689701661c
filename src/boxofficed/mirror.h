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

#define MIRROR_SILENT_MS 3000 /* replaced when it shows no sign of life for so long */

/* Maps what master and mirror share; before the first fork. */
void
mirror_init(void);

/* Runs in the child until SIGTERM; returns its exit status. */
int
mirror_run(const struct config *config);

/* Master: a new mirror is about to be born. */
void
mirror_expect(void);

/* Since its last sign of life. A database that is away is no silence. */
int64_t
mirror_silent_ms(void);

/* Rounds ended, well or not, since mirror_expect(). */
uint64_t
mirror_rounds(void);

#endif
