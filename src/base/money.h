/* Money: whole minor units of one currency (won, cents), never a fraction, never a float. Only the
 * database calculates with it. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>

/* Codes of the currencies, in order; ends with NULL. */
extern const char *const money_currencies[];

/* Is it one of them? */
bool
money_is_currency(const char *text);

#endif
