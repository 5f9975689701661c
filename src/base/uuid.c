/* UUIDs according to RFC 9562. */
#include <config.h>

#include "base/uuid.h"

#include <string.h>

#include "base/text.h"

#define UUID_TEXT_LEN (UUID_TEXT_SIZE - 1)

/* Bytes in each group of digits. */
static const size_t groups[] = {4, 2, 2, 2, 6};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static void
mark(struct uuid *uuid, unsigned version)
{
	uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0f) | version << 4);
	uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3f) | 0x80); /* variant */
}

void
uuid_new(struct uuid *uuid_r)
{
	text_random(uuid_r->bytes, sizeof(uuid_r->bytes));
	mark(uuid_r, 4);
}

void
uuid_of_hash(const uint8_t *hash, struct uuid *uuid_r)
{
	memcpy(uuid_r->bytes, hash, sizeof(uuid_r->bytes));
	mark(uuid_r, 8);
}

bool
uuid_parse(const char *text, size_t len, struct uuid *uuid_r)
{
	struct uuid uuid;
	size_t byte = 0;

	if (len != UUID_TEXT_LEN)
		return false;
	for (size_t i = 0; i < GROUPS; i++) {
		if (i > 0 && *text++ != '-')
			return false;
		if (!text_unhex(text, groups[i] * 2, uuid.bytes + byte))
			return false;
		text += groups[i] * 2;
		byte += groups[i];
	}
	*uuid_r = uuid;
	return true;
}

void
uuid_format(const struct uuid *uuid, char text_r[UUID_TEXT_SIZE])
{
	size_t byte = 0;

	for (size_t i = 0; i < GROUPS; i++) {
		if (i > 0)
			*text_r++ = '-';
		text_hex(uuid->bytes + byte, groups[i], text_r);
		text_r += groups[i] * 2;
		byte += groups[i];
	}
}

bool
uuid_is_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
