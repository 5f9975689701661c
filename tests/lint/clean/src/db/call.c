#include "config.h"

#include <libpq-fe.h>

#include "base/thing.h"

/* The one text of SQL that C may hold. */
const char db_call_text[] = "SELECT outcome, result FROM %s(";
