/*
 * State: what the master tells systemd in the course of its life. Everything is sent by the
 * master's own loop: a loop that hangs sends no sign of life. Neither a stuck worker nor the
 * database is asked.
 *
 *   READY=1     when each pool has a worker that waits for connections, after the start and after a
 *               reload; at the latest after STATE_PATIENCE_MS, because a pool that crashes must not
 *               take the others along
 *   WATCHDOG=1  at half of the time that systemd allows
 *   STATUS=     figures, every STATE_EVERY_MS, and at once when the schema is found to be older
 *               than the program, or fits again
 */
#ifndef BOXOFFICED_STATE_H
#define BOXOFFICED_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "boxofficed/children.h"
#include "boxofficed/pool.h"

#define STATE_PATIENCE_MS 3000
#define STATE_EVERY_MS 10000

struct state {
	int64_t watchdog_ms; /* between signs of life; 0: nobody wants them */
	int64_t alive_at_ms; /* the next one */
	int64_t ready_by_ms; /* READY=1 is due, at the latest then; 0: it has been sent */
	int64_t told_at_ms;  /* the next STATUS= */
	bool is_stopping;
	bool is_schema_older; /* as last told */
};

void
state_init(struct state *state);

/* The new workers have been born: READY=1 is due. */
void
state_expect(struct state *state);

void
state_reload(struct state *state);

void
state_stop(struct state *state);

/* Call it in each turn of the loop. `age` is that of the configuration. */
void
state_tell(struct state *state, const struct children *children, const struct pools *pools,
	   uint32_t age);

/* How long the loop may wait, at most `ms`. */
int
state_wait_ms(const struct state *state, int ms);

#endif
