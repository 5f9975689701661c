#include "config.h"
#include "db/db.h"
#include <libpq-fe.h>
