#include <config.h>

#include "base/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

void
address_network(const char *address, uint8_t network_r[ADDRESS_NETWORK_SIZE])
{
	uint8_t bytes[16];

	memset(network_r, 0, ADDRESS_NETWORK_SIZE);
	if (inet_pton(AF_INET, address, bytes) == 1) {
		network_r[0] = 4;
		memcpy(network_r + 1, bytes, 4);
	} else if (inet_pton(AF_INET6, address, bytes) != 1) {
		memcpy(network_r + 1, address, strnlen(address, ADDRESS_NETWORK_SIZE - 1));
	} else if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		network_r[0] = 4;
		memcpy(network_r + 1, bytes + 12, 4);
	} else {
		network_r[0] = 6;
		memcpy(network_r + 1, bytes, 8);
	}
}

/* --- lists of networks --- */

#define WORD_MAX 64 /* longer than any address or network */

/* An IPv4 address in the form that it has in IPv6, so that one form serves both. */
static bool
read_address(const char *text, uint8_t bytes_r[16], bool *is_v4_r)
{
	*is_v4_r = inet_pton(AF_INET, text, bytes_r + 12) == 1;
	if (*is_v4_r)
		memcpy(bytes_r, mapped, sizeof(mapped));
	return *is_v4_r || inet_pton(AF_INET6, text, bytes_r) == 1;
}

static bool
read_network(const char *word, size_t len, uint8_t bytes_r[16], unsigned *bits_r)
{
	char text[WORD_MAX];
	char *slash, *end;
	unsigned long bits;
	bool is_v4;

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!read_address(text, bytes_r, &is_v4))
		return false;
	*bits_r = 128;
	if (slash == NULL)
		return true;
	bits = strtoul(slash + 1, &end, 10);
	if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > (is_v4 ? 32 : 128))
		return false;
	*bits_r = (unsigned)bits + (is_v4 ? 96 : 0);
	return true;
}

static bool
has_equal_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	const unsigned bytes = bits / 8, rest = bits % 8;

	return memcmp(a, b, bytes) == 0 && (rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

bool
address_is_in(const char *address, const char *networks)
{
	uint8_t bytes[16], network[16];
	unsigned bits;
	bool is_v4;

	if (networks[0] == '\0' || !read_address(address, bytes, &is_v4))
		return false;
	for (size_t len; *(networks += strspn(networks, " ")) != '\0'; networks += len) {
		len = strcspn(networks, " ");
		if (read_network(networks, len, network, &bits) &&
		    has_equal_bits(bytes, network, bits))
			return true;
	}
	return false;
}

const char *
address_no_network(const char *networks, size_t *len_r)
{
	uint8_t bytes[16];
	unsigned bits;

	for (; *(networks += strspn(networks, " ")) != '\0'; networks += *len_r) {
		*len_r = strcspn(networks, " ");
		if (!read_network(networks, *len_r, bytes, &bits))
			return networks;
	}
	return NULL;
}
