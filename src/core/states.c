#include "config.h"

#include "core/states.h"

#include <assert.h>

static const char *const states_seat[] = {"available", "held", "sold", "blocked", "resting", NULL};
static const char *const states_hold[] = {"active",   "paying",  "confirmed",
					  "released", "expired", NULL};
const char *const states_order[] = {"pending", "paying",    "paid",     "failed",
				    "expired", "cancelled", "refunded", NULL};
static const char *const states_payment[] = {"started", "approved", "declined", "unknown",
					     "voided",  "refunded", NULL};

static const struct states_transition seat_transitions[] = {
	{"available", "held", "a hold takes it"},
	{"held", "sold", "the hold's order is paid"},
	{"held", "available", "the hold is released, has expired, or its order failed"},
	{"held", "resting", "the same, in a show that re-releases later"},
	{"sold", "available", "the order is cancelled"},
	{"sold", "resting", "the same, in a show that re-releases later"},
	{"resting", "available", "the schedule puts it back on sale"},
	{"available", "blocked", "an operator blocks it"},
	{"blocked", "available", "an operator unblocks it"},
};

static const struct states_transition hold_transitions[] = {
	{"active", "paying", "a payment begins"},
	{"paying", "confirmed", "the payment is approved"},
	{"paying", "active", "the payment is declined or voided"},
	{"active", "released", "its owner gives it back"},
	{"paying", "released", "the order failed after it was charged"},
	{"active", "expired", "its time is over"},
	{"confirmed", "released", "the order is cancelled"},
};

static const struct states_transition order_transitions[] = {
	{"pending", "paying", "a payment begins"},
	{"paying", "paid", "the payment is approved"},
	{"paying", "pending", "the payment is declined or voided"},
	{"pending", "expired", "its hold has expired"},
	{"pending", "cancelled", "its hold is released, or its owner cancels it"},
	{"paying", "failed", "it was charged and cannot be confirmed"},
	{"paid", "cancelled", "its owner, or the show, cancels it"},
	{"cancelled", "refunded", "the money is back"},
};

static const struct states_transition payment_transitions[] = {
	{"started", "approved", "the wallet or the gateway paid"},
	{"started", "declined", "the wallet or the gateway refused"},
	{"started", "unknown", "the gateway did not answer"},
	{"started", "voided", "settling forbade the debit before it happened"},
	{"unknown", "approved", "the gateway had paid"},
	{"unknown", "declined", "the gateway had refused"},
	{"approved", "refunded", "the money is back"},
};

#define MACHINE(word, prefix)                                                                   \
	{                                                                                       \
		.name = (word), .states = states_##prefix, .transitions = prefix##_transitions, \
		.count = sizeof(prefix##_transitions) / sizeof(prefix##_transitions[0])         \
	}

static const struct {
	const char *name;
	const char *const *states;
	const struct states_transition *transitions;
	size_t count;
} machines[STATES_MAX] = {
	[STATES_SEAT] = MACHINE("seat", seat),
	[STATES_HOLD] = MACHINE("hold", hold),
	[STATES_ORDER] = MACHINE("order", order),
	[STATES_PAYMENT] = MACHINE("payment", payment),
};

const char *
states_name(enum states_machine machine)
{
	assert(machine < STATES_MAX);
	return machines[machine].name;
}

const char *const *
states_of(enum states_machine machine)
{
	assert(machine < STATES_MAX);
	return machines[machine].states;
}

const struct states_transition *
states_transitions(enum states_machine machine, size_t *count_r)
{
	assert(machine < STATES_MAX);
	*count_r = machines[machine].count;
	return machines[machine].transitions;
}
