#include "call/show.h"
#include "call/account.h"
#include "jobs/prune.h"
#include "core/saga/payment.h"
