#include "config.h"

#include "json/jformat.h"

#include <assert.h>
#include <string.h>

#include "base/money.h"
#include "base/zone.h"

#define EMAIL_MAX 254
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15

/* local@domain: one @, something on both sides. words/ has refused spaces and control characters.
 * Nobody checks here whether mail arrives. */
static bool
is_email(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (len > EMAIL_MAX || !at || at == text || at == text + len - 1)
		return false;
	return !memchr(at + 1, '@', len - (size_t)(at + 1 - text));
}

static bool
is_phone(const char *text, size_t len)
{
	if (len < 1 + PHONE_DIGITS_MIN || len > 1 + PHONE_DIGITS_MAX || text[0] != '+')
		return false;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

static bool
is_currency(const char *text, size_t len)
{
	(void)len;
	return money_is_currency(text);
}

static bool
is_zone(const char *text, size_t len)
{
	(void)len;
	return zone_is_name(text);
}

static const struct jformat formats[] = {
	{"currency", is_currency, "must be an ISO 4217 currency such as KRW", WORDS_LINE},
	{"email", is_email, "must be an e-mail address", WORDS_ADDRESS},
	{"phone", is_phone, "must be + and 7 to 15 digits", WORDS_LINE},
	{"zone", is_zone, "must be an IANA time zone such as Asia/Seoul", WORDS_LINE},
};

const struct jformat *
jformat_of(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	assert(!"a format of the table is unknown");
	return NULL;
}
