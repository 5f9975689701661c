#include "run/job.h"
#include "core/show/hold.h"
#include "db/db.h"
