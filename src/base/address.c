#include <config.h>

#include "base/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

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

/* --- servers --- */

#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

int
address_port(const char *text, size_t len)
{
	int port = 0;

	if (len == 0 || len > 5)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		port = port * 10 + (text[i] - '0');
	}
	return port <= 65535 ? port : 0;
}

/* A text of digits and dots alone is meant as an address, not as a name. */
static bool
is_host(const char *host)
{
	uint8_t bytes[16];

	if (host[0] == '\0')
		return false;
	if (strchr(host, ':') != NULL)
		return inet_pton(AF_INET6, host, bytes) == 1;
	if (strspn(host, "0123456789.") == strlen(host))
		return inet_pton(AF_INET, host, bytes) == 1;
	return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
	       strlen(host);
}

const char *
address_server(const char *text, size_t len, struct address_server *server_r)
{
	struct address_server server = {.is_socket = len > 0 && text[0] == '/'};
	const char *colon = memrchr(text, ':', len);
	size_t host_len = len;

	if (server.is_socket && len > SOCKET_PATH_MAX)
		return "the path is longer than the 107 bytes that the system allows";
	if (len >= sizeof(server.host))
		return "the name is too long";
	if (!server.is_socket && colon != NULL &&
	    (text[0] == '[' ? colon[-1] == ']' : memchr(text, ':', len) == colon)) {
		host_len = (size_t)(colon - text);
		server.port = address_port(colon + 1, len - host_len - 1);
		if (server.port == 0)
			return "the port must be a number from 1 to 65535";
	}
	if (!server.is_socket && host_len >= 2 && text[0] == '[' && text[host_len - 1] == ']') {
		text++;
		host_len -= 2;
	}
	memcpy(server.host, text, host_len);
	server.host[host_len] = '\0';
	if (!server.is_socket && !is_host(server.host))
		return "it has neither a name of a host nor an address";
	*server_r = server;
	return NULL;
}
