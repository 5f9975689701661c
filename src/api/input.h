/*
 * Input: reads query parameters. Each function records a violation of the parameter and returns
 * ERR_INVALID when it does not fit; an absent one reads as NULL.
 */
#ifndef API_INPUT_H
#define API_INPUT_H

#include <stddef.h>

#include "base/fail.h"
#include "core/list.h"

struct request;

/* One of `values` (NULL-terminated). */
MUST_USE enum err
input_enum(const struct request *request, const char *name, const char *const *values,
	   const char **text_r);

/* `min` to `max` code points. */
MUST_USE enum err
input_text(const struct request *request, const char *name, size_t min, size_t max,
	   const char **text_r);

/* A day that exists, as "2026-11-21". */
MUST_USE enum err
input_date(const struct request *request, const char *name, const char **text_r);

/* Both days and their order: `from` is not after `to`. */
MUST_USE enum err
input_days(const struct request *request, const char **from_r, const char **to_r);

/* limit and cursor. */
MUST_USE enum err
input_list(struct core *core, const struct request *request, enum list_kind kind,
	   struct list *list_r);

#endif
