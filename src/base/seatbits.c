/* Two bits per seat. */
#include <config.h>

#include "base/seatbits.h"

#include <string.h>

size_t
seatbits_size(size_t seats)
{
	return seats / 4 + (seats % 4 != 0);
}

int
seatbits_pack(const char *digits, size_t seats, uint8_t *bits_r)
{
	for (size_t i = 0; i < seats; i++) {
		if (digits[i] < '0' || digits[i] > '3')
			return 0;
	}
	if (digits[seats] != '\0')
		return 0;
	memset(bits_r, 0, seatbits_size(seats));
	for (size_t i = 0; i < seats; i++)
		bits_r[i / 4] |= (uint8_t)((digits[i] - '0') << (i % 4 * 2));
	return 1;
}
