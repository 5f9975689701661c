/* UUIDs of users, holds, orders, payments and tickets: random (version 4) or made of a hash
 * (version 8), lower case in text. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT_SIZE 37

struct uuid {
	uint8_t bytes[16];
};

/* Makes a UUID from getrandom(2). There is no pool in user space, so it is safe across fork. */
void
uuid_new(struct uuid *uuid_r);

/* Takes the first 16 of the bytes. The same bytes give the same UUID. */
void
uuid_of_hash(const uint8_t *hash, struct uuid *uuid_r);

/* Reads exactly 8-4-4-4-12 hex digits, in either case. */
bool
uuid_parse(const char *text, size_t len, struct uuid *uuid_r);

void
uuid_format(const struct uuid *uuid, char text_r[UUID_TEXT_SIZE]);

bool
uuid_is_equal(const struct uuid *a, const struct uuid *b);

#endif
