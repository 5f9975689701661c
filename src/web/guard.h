/*
 * Guards: the checks that every request passes before its handler. They run in the order of the
 * HTTP contract: route, method, body size, rate, token, role, Content-Type, Idempotency-Key,
 * syntax, shape, deadline. The first phase that refuses decides the answer.
 */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "base/fail.h"

struct exchange;

#define GUARD_URI_MAX 4096
#define GUARD_BODY_MAX ((size_t)64 << 10) /* for routes without a limit of their own */

/* Runs the phases. Afterwards the request is complete and the handler may be called, unless
 * exchange->is_options is set (answer 204). On refusal the reason is in exchange->failure. */
MUST_USE enum err
guard_run(struct exchange *exchange);

/* Name of the phase at `index`, NULL after the last one. For tests and documents. */
const char *
guard_phase_name(size_t index);

#endif
