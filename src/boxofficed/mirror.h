/*
 * Mirror: the child that keeps host memory fresh from the primary database. It copies the revoked
 * sessions and the database's time, and the workers judge tokens by both. It writes the clock only
 * after it has read the revocations of the same round, so the age of the clock is the age of both.
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

/* The master calls it before a new mirror is born. */
void
mirror_expect(void);

/* Time since the mirror's last sign of life. A mirror without a database still gives signs. */
int64_t
mirror_silent_ms(void);

/* True when its last round found a schema older than this program needs, so that the workers answer
 * 503 until it is migrated. */
bool
mirror_is_schema_older(void);

/* Number of rounds since mirror_expect(), whether they succeeded or not. */
uint64_t
mirror_rounds(void);

#endif
