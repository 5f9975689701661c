#include "core/show/hold.h"
#include "relay/consumer.h"
