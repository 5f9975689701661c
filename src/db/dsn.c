/* libpq finds most mistakes of a connection string only when it connects. This file finds those
 * that the text alone shows. */
#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/address.h"
#include "base/arena.h"
#include "db/db.h"

/* The reason of the library quotes words of the text, and a word may be a part of a password. */
static const char *
reason_of(const char *dsn, const char *text, struct arena *arena)
{
	if (!text || strcasestr(dsn, "password") || strstr(dsn, "://"))
		return "it is no connection string of libpq";
	return arena_strndup(arena, text, strcspn(text, "\n"));
}

static const char *
value_of(const PQconninfoOption *rows, const char *keyword)
{
	for (; rows->keyword; rows++) {
		if (strcmp(rows->keyword, keyword) == 0)
			return rows->val ? rows->val : "";
	}
	return "";
}

/* The number of items of a list with commas; an empty list has one. */
static size_t
count_items(const char *list)
{
	size_t count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

static const char *
check_ports(const char *ports, size_t hosts)
{
	if (count_items(ports) > 1 && count_items(ports) != hosts)
		return "the numbers of hosts and ports differ";
	for (size_t len;; ports += len + 1) {
		len = strcspn(ports, ",");
		/* guard: port of a dsn */
		if (len > 0 && address_port(ports, len) == 0)
			return "a port must be a number from 1 to 65535";
		if (ports[len] == '\0')
			return NULL;
	}
}

static const char *
check_addresses(const char *list)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	for (size_t len; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		snprintf(text, sizeof(text), "%.*s", (int)len, list);
		if (len > 0 && (len >= sizeof(text) || (inet_pton(AF_INET, text, bytes) != 1 &&
							inet_pton(AF_INET6, text, bytes) != 1)))
			return "a hostaddr is no address";
	}
	return NULL;
}

static const char *
check_word(const char *word, const char *const *known, const char *reason)
{
	if (*word == '\0')
		return NULL;
	for (; *known; known++) {
		if (strcmp(word, *known) == 0)
			return NULL;
	}
	return reason;
}

static const char *
check_values(const PQconninfoOption *rows)
{
	static const char *const ssl[] = {"disable",   "allow",       "prefer", "require",
					  "verify-ca", "verify-full", NULL};
	static const char *const session[] = {"any",     "read-write",     "read-only", "primary",
					      "standby", "prefer-standby", NULL};
	const char *host = value_of(rows, "host"), *address = value_of(rows, "hostaddr");
	const char *reason;

	if (*host != '\0' && *address != '\0' && count_items(host) != count_items(address))
		return "the numbers of hosts and addresses differ";
	reason = check_ports(value_of(rows, "port"), count_items(*host != '\0' ? host : address));
	if (!reason)
		reason = check_addresses(address);
	if (!reason)
		reason = check_word(value_of(rows, "sslmode"), ssl, "there is no such sslmode");
	if (!reason)
		reason = check_word(value_of(rows, "target_session_attrs"), session,
				    "there are no such target_session_attrs");
	return reason;
}

const char *
db_dsn_problem(const char *dsn, struct arena *arena)
{
	char *text = NULL;
	PQconninfoOption *rows = PQconninfoParse(dsn, &text);
	const char *reason = rows ? check_values(rows) : reason_of(dsn, text, arena);

	PQconninfoFree(rows);
	PQfreemem(text);
	return reason;
}
