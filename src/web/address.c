#include "config.h"

#include "web/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"
#include "crypt/crypt.h"

#define HASHED_SIZE 8

/* What is no address of a network, such as "unix:", tells of nobody. */
static const char *
cut(struct arena *arena, const char *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, address, bytes + 12) == 1) {
		memcpy(bytes, mapped, sizeof(mapped));
	} else if (inet_pton(AF_INET6, address, bytes) != 1) {
		return address;
	}
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return arena_printf(arena, "%d.%d.%d.0/24", bytes[12], bytes[13], bytes[14]);
	memset(bytes + 6, 0, sizeof(bytes) - 6);
	inet_ntop(AF_INET6, bytes, text, sizeof(text));
	return arena_printf(arena, "%s/48", text);
}

static const char *
hashed(struct arena *arena, const struct secrets *secrets, const char *address)
{
	const struct config_key *key = &secrets->token_keys[secrets->token_current];
	uint8_t hash[CRYPT_HASH_SIZE];
	char *text = arena_alloc(arena, 2 * HASHED_SIZE + 1);

	crypt_hash_keyed(key->bytes, sizeof(key->bytes), address, strlen(address), hash);
	text_hex(hash, HASHED_SIZE, text);
	return text;
}

const char *
address_shown(struct arena *arena, const struct config *config, const struct secrets *secrets,
	      const char *address)
{
	if (strcmp(config->log_address, "whole") == 0)
		return address;
	if (strcmp(config->log_address, "cut") == 0)
		return cut(arena, address);
	if (strcmp(config->log_address, "hashed") == 0)
		return hashed(arena, secrets, address);
	return NULL;
}
