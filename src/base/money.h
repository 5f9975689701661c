/* Money: whole minor units of one currency (won, cents), never a fraction, never a float. Only the
 * database computes with it. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>

/* ISO 4217 by form: three capital letters. */
bool
money_is_currency(const char *text);

#endif
