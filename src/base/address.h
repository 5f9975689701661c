/* Address: of clients, as nginx passes them, and of servers, as a configuration names them. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_NETWORK_SIZE 9

/* The network that counts as one client: a whole IPv4 address, also when it is mapped into IPv6; of
 * IPv6 the /64, because one customer has a whole /64. Any other text (a unix socket) stands for
 * itself. */
void
address_network(const char *address, uint8_t network_r[ADDRESS_NETWORK_SIZE]);

/* Is the address in one of these networks (`192.0.2.0/24 2001:db8::1`, separated by spaces)? An
 * IPv4 address that is mapped into IPv6 counts as IPv4. */
bool
address_is_in(const char *address, const char *networks);

struct address_server {
	char host[256]; /* name, address or path of a unix socket */
	int port;       /* 0: none was given, or a unix socket */
	bool is_socket;
};

/* Reads a server: /path/of/socket, host, host:port or [address]:port. Returns NULL, or the reason
 * why the text is none. It resolves no name. */
const char *
address_server(const char *text, size_t len, struct address_server *server_r);

/* A port: a decimal number from 1 to 65535; 0 when the text is none. */
int
address_port(const char *text, size_t len);

/* The first word of a list that is no network, NULL when there is none. `len_r`: its length. */
const char *
address_no_network(const char *networks, size_t *len_r);

#endif
