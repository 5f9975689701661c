/* Address: of clients, as nginx passes them. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdint.h>

#define ADDRESS_NETWORK_SIZE 9

/* The network that counts as one client: a whole IPv4 address, also when it is mapped into IPv6; of
 * IPv6 the /64, because one customer has a whole /64. Any other text (a unix socket) is one of its
 * own kind. */
void
address_network(const char *address, uint8_t network_r[ADDRESS_NETWORK_SIZE]);

#endif
