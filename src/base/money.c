#include <config.h>

#include "base/money.h"

#include <stddef.h>

bool
money_is_currency(const char *text)
{
	for (size_t i = 0; i < 3; i++) {
		if (text[i] < 'A' || text[i] > 'Z')
			return false;
	}
	return text[3] == '\0';
}
