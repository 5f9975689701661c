/*
 * Seat states of a hall in two bits per seat, with seat 0 in the lowest bits of byte 0. This is the
 * answer of the availability route. 50,000 seats take 12,500 bytes. 0 available, 1 held, 2 sold, 3
 * blocked.
 */
#ifndef BASE_SEATBITS_H
#define BASE_SEATBITS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes for `seats` seats. */
size_t
seatbits_size(size_t seats);

/* Packs a text of one digit '0'–'3' per seat. Returns false when it contains another character. */
int
seatbits_pack(const char *digits, size_t seats, uint8_t *bits_r);

#endif
