#include "config.h"

#include "base/thing.h"

const char *const api_methods[] = {"GET", "POST", "DELETE", "DELETE /api/shows/{id}"};
