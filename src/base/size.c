/* Sizes come from input: a sum that wraps around would give a short buffer. */
#include <config.h>

#include "base/size.h"

#include <stdio.h>
#include <stdlib.h>

static void
die_of_size(void)
{
	fprintf(stderr, "boxoffice: size overflow: aborting\n");
	abort();
}

size_t
size_add(size_t a, size_t b)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		die_of_size();
	return sum;
}

size_t
size_mul(size_t a, size_t b)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product))
		die_of_size();
	return product;
}
