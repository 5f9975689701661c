#include "run/job.h"
#include "jobs/prune.h"
