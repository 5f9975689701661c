/*
 * Address: how the log shows the address of a client. It is personal data, so the installation says
 * how much of it is kept (log.address).
 */
#ifndef WEB_ADDRESS_H
#define WEB_ADDRESS_H

struct arena;
struct config;
struct secrets;

/* whole: as it is. cut: the network, /24 of IPv4 and /48 of IPv6. hashed: 16 hex digits, the same
 * for the same address until the key of the access tokens changes. none: NULL. */
const char *
address_shown(struct arena *arena, const struct config *config, const struct secrets *secrets,
	      const char *address);

#endif
