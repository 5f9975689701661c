/* Money: whole minor units of one currency (won, cents), never a fraction, never a float. Only the
 * database calculates with it. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>

/* Does it look like an ISO 4217 code: three capital letters? */
bool
money_is_currency(const char *text);

#endif
