/* Two bits a seat. */
#include <config.h>

#include "base/seatbits.h"

#include <string.h>

size_t
seatbits_size(size_t seats)
{
	return seats / 4 + (seats % 4 != 0);
}

void
seatbits_set(uint8_t *bits, size_t seat_no, enum seat_view view)
{
	unsigned shift = (unsigned)(seat_no % 4) * 2;
	uint8_t *byte = &bits[seat_no / 4];

	*byte = (uint8_t)((*byte & ~(3u << shift)) | ((unsigned)view & 3u) << shift);
}

enum seat_view
seatbits_get(const uint8_t *bits, size_t seat_no)
{
	return (enum seat_view)(bits[seat_no / 4] >> (seat_no % 4 * 2) & 3);
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
