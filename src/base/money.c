/* Checked arithmetic of amounts. */
#include <config.h>

#include "base/money.h"

#include <stddef.h>

static bool
is_amount(int64_t minor)
{
	return minor >= -MONEY_MAX && minor <= MONEY_MAX;
}

bool
money_add(int64_t a_minor, int64_t b_minor, int64_t *sum_minor_r)
{
	int64_t sum;

	if (!is_amount(a_minor) || !is_amount(b_minor))
		return false;
	if (__builtin_add_overflow(a_minor, b_minor, &sum) || !is_amount(sum))
		return false;
	*sum_minor_r = sum;
	return true;
}

bool
money_multiply(int64_t amount_minor, int64_t count, int64_t *product_minor_r)
{
	int64_t product;

	if (!is_amount(amount_minor))
		return false;
	if (__builtin_mul_overflow(amount_minor, count, &product) || !is_amount(product))
		return false;
	*product_minor_r = product;
	return true;
}

bool
money_is_currency(const char *text)
{
	for (size_t i = 0; i < 3; i++) {
		if (text[i] < 'A' || text[i] > 'Z')
			return false;
	}
	return text[3] == '\0';
}
