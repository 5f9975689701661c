#include <config.h>

#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

void
address_network(const char *address, uint8_t network_r[ADDRESS_NETWORK_SIZE])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
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
