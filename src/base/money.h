/*
 * Money: whole minor units of one currency (won, cents), never a fraction, never a float. Sums and
 * products are checked against the range of the HTTP contract: what is computed can be said.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#define MONEY_MAX INT64_C(9007199254740992) /* 2^53, as every integer of the API */

/* Sum of two amounts; false, and nothing written, when it or one of them is out of ±MONEY_MAX. */
bool
money_add(int64_t a_minor, int64_t b_minor, int64_t *sum_minor_r);

/* An amount `count` times; false as above. */
bool
money_multiply(int64_t amount_minor, int64_t count, int64_t *product_minor_r);

/* ISO 4217 by form: three capital letters. */
bool
money_is_currency(const char *text);

#endif
