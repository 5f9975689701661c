/* The functions of the domain that web/ calls on a request's way. */
#ifndef API_HOOKS_H
#define API_HOOKS_H

#include "web/serve.h"

extern const struct serve_hooks api_hooks;

#endif
