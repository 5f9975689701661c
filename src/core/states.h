/*
 * States: each machine of the domain as ONE table of allowed transitions. The stored functions make
 * the transitions. Tests compare them with this table, and boxofficectl prints it.
 */
#ifndef CORE_STATES_H
#define CORE_STATES_H

#include <stddef.h>

enum states_machine { STATES_SEAT, STATES_HOLD, STATES_ORDER, STATES_PAYMENT, STATES_MAX };

struct states_transition {
	const char *from;
	const char *to;
	const char *why; /* the event that makes it happen */
};

/* "seat", "hold", "order", "payment". */
const char *
states_name(enum states_machine machine);

/* The same as states_of(STATES_ORDER), for static tables. */
extern const char *const states_order[];

/* All states of the machine, the initial one first; NULL-terminated. */
const char *const *
states_of(enum states_machine machine);

const struct states_transition *
states_transitions(enum states_machine machine, size_t *count_r);

#endif
