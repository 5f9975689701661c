/* Size arithmetic that cannot wrap around: the process aborts instead. */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stddef.h>

size_t
size_add(size_t a, size_t b);

size_t
size_mul(size_t a, size_t b);

#endif
