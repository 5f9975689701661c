#include "core/show/hold.h"
