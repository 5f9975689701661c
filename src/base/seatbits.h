/*
 * Seat states of a hall in two bits a seat, seat 0 in the lowest bits of byte 0: the availability
 * answer. 50,000 seats are 12,500 bytes.
 */
#ifndef BASE_SEATBITS_H
#define BASE_SEATBITS_H

#include <stddef.h>
#include <stdint.h>

enum seat_view { SEAT_VIEW_AVAILABLE, SEAT_VIEW_HELD, SEAT_VIEW_SOLD, SEAT_VIEW_BLOCKED };

/* Bytes for `seats` seats. */
size_t
seatbits_size(size_t seats);

void
seatbits_set(uint8_t *bits, size_t seat_no, enum seat_view view);

enum seat_view
seatbits_get(const uint8_t *bits, size_t seat_no);

/* Packs a text of one digit '0'–'3' a seat. False when another character is in it. */
int
seatbits_pack(const char *digits, size_t seats, uint8_t *bits_r);

#endif
