/*
 * Seat states of a hall in two bits a seat, seat 0 in the lowest bits of byte 0: the availability
 * answer. 50,000 seats are 12,500 bytes. 0 available, 1 held, 2 sold, 3 blocked.
 */
#ifndef BASE_SEATBITS_H
#define BASE_SEATBITS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes for `seats` seats. */
size_t
seatbits_size(size_t seats);

/* Packs a text of one digit '0'–'3' a seat. False when another character is in it. */
int
seatbits_pack(const char *digits, size_t seats, uint8_t *bits_r);

#endif
