/* How the log shows addresses of clients. */
#include "config.h"

#include <string.h>

#include "conf/config.h"
#include "test_web.h"
#include "web/address.h"

static const struct secrets secrets = {.token_keys = {{.bytes = {1, 2, 3}}, {.bytes = {4, 5, 6}}}};

static const char *
shown(const char *how, const char *address)
{
	const struct config config = {.log_address = how};

	return address_shown(unit_arena(), &config, &secrets, address);
}

static void
test_whole(void)
{
	UNIT_TEXT("192.0.2.77", shown("whole", "192.0.2.77"));
	UNIT_TEXT("2001:db8::1", shown("whole", "2001:db8::1"));
	UNIT_TRUE(shown("none", "192.0.2.77") == NULL);
}

static void
test_cut(void)
{
	static const struct {
		const char *address, *shown;
	} rows[] = {
		{"192.0.2.77", "192.0.2.0/24"},
		{"0.0.0.0", "0.0.0.0/24"},
		{"::ffff:192.0.2.77", "192.0.2.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"},
		{"2001:db8::1", "2001:db8::/48"},
		{"::1", "::/48"},
		{"unix:", "unix:"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_row(rows[i].address);
		UNIT_TEXT(rows[i].shown, shown("cut", rows[i].address));
	}
}

static void
test_hashed(void)
{
	const struct config config = {.log_address = "hashed"};
	struct secrets other = secrets;
	const char *text = shown("hashed", "192.0.2.77");

	UNIT_I64(16, (int64_t)strlen(text));
	UNIT_I64(16, (int64_t)strspn(text, "0123456789abcdef"));
	UNIT_TEXT(text, shown("hashed", "192.0.2.77"));
	UNIT_TRUE(strcmp(text, shown("hashed", "192.0.2.78")) != 0);
	other.token_current = 1;
	UNIT_TRUE(strcmp(text, address_shown(unit_arena(), &config, &other, "192.0.2.77")) != 0);
}

const struct unit_case web_address_cases[] = {
	{"an address is shown whole or not at all", test_whole},
	{"of a cut address the network is left", test_cut},
	{"a hashed address is the same until the key changes", test_hashed},
	{NULL, NULL},
};
