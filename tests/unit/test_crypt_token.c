/*
 * Access tokens: one good one, and a table of those that must be refused. They are made here by
 * hand, with libsodium's HMAC, so that each differs from the good one in one thing only.
 */
#include "config.h"

#include "test_crypt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypt/crypt.h"

#define NOW INT64_C(1795255800)
#define HEADER "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"
#define SUB "\"sub\":\"0f0e0d0c-0b0a-4908-8706-050403020100\""
#define SID "\"sid\":\"10111213-1415-4617-9819-1a1b1c1d1e1f\""
#define WHO SUB "," SID ",\"role\":\"user\""
#define FOR "\"iss\":\"boxoffice\",\"aud\":\"boxoffice-api\""
#define TIMES "\"iat\":1795255790,\"exp\":1795256690"
#define PAYLOAD "{" FOR "," TIMES "," WHO ",\"jti\":\"x\"}"

static const char *
base64(const char *text)
{
	return text_base64url(unit_arena(), text, strlen(text));
}

/* HMAC-SHA256 over `text` by key number `key` of the table. */
static const char *
sign(const char *text, size_t key)
{
	uint8_t mac[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256(mac, (const uint8_t *)text, strlen(text),
			       test_crypt_secrets.token_keys[key].bytes);
	return text_base64url(unit_arena(), mac, sizeof(mac));
}

static const char *
make(const char *header, const char *payload, size_t key)
{
	const char *text = arena_printf(unit_arena(), "%s.%s", base64(header), base64(payload));

	return arena_printf(unit_arena(), "%s.%s", text, sign(text, key));
}

static enum token_state
judge(const char *text, int64_t now)
{
	static const struct token untouched;
	struct token token;
	enum token_state state;

	memset(&token, 0, sizeof(token));
	state = token_read(unit_arena(), &test_crypt_secrets, text, now, &token);
	if (state != TOKEN_OK)
		UNIT_I64(0, memcmp(&token, &untouched, sizeof(token)));
	return state;
}

static void
test_good(void)
{
	struct token token = {.role = ROLE_OPERATOR, .expires_at = NOW + 900}, got;
	const char *text;

	uuid_new(&token.user_id);
	uuid_new(&token.session_id);
	UNIT_I64(ERR_OK, token_make(unit_arena(), &test_crypt_secrets, &token, NOW, &text));
	UNIT_I64(TOKEN_OK, token_read(unit_arena(), &test_crypt_secrets, text, NOW, &got));
	UNIT_TRUE(uuid_is_equal(&token.user_id, &got.user_id));
	UNIT_TRUE(uuid_is_equal(&token.session_id, &got.session_id));
	UNIT_I64(ROLE_OPERATOR, got.role);
	UNIT_I64(NOW + 900, got.expires_at);
	UNIT_I64(TOKEN_OK, judge(text, NOW - 60));
	UNIT_I64(TOKEN_OK, judge(text, NOW + 899));
	UNIT_I64(TOKEN_EXPIRED, judge(text, NOW + 900));
	UNIT_I64(TOKEN_EXPIRED, judge(text, NOW + 1000000));
	UNIT_I64(TOKEN_BAD, judge(text, NOW - 61));
}

static void
test_handmade(void)
{
	static const char *const headers[] = {
		HEADER,
		"{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"k1\"}",
		"{\"kid\":\"k1\",\"alg\":\"HS256\"}",
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		unit_row(headers[i]);
		UNIT_I64(TOKEN_OK, judge(make(headers[i], PAYLOAD, 0), NOW));
	}
	unit_row("the other key of the table");
	UNIT_I64(TOKEN_OK, judge(make("{\"alg\":\"HS256\",\"kid\":\"k2\"}", PAYLOAD, 1), NOW));
}

/* Signed by k1 unless said otherwise. */
static void
test_bad_header(void)
{
	static const struct {
		const char *name, *header;
		size_t key;
	} rows[] = {
		{"alg none", "{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg None", "{\"alg\":\"None\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg NONE", "{\"alg\":\"NONE\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg empty", "{\"alg\":\"\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg in lower case", "{\"alg\":\"hs256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg in mixed case", "{\"alg\":\"Hs256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg with space", "{\"alg\":\"HS256 \",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg HS384", "{\"alg\":\"HS384\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg HS512", "{\"alg\":\"HS512\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg RS256 with our key", "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg ES256", "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg unknown", "{\"alg\":\"XX\",\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg null", "{\"alg\":null,\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg array", "{\"alg\":[\"HS256\"],\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg missing", "{\"kid\":\"k1\",\"typ\":\"JWT\"}", 0},
		{"alg twice", "{\"alg\":\"HS256\",\"alg\":\"HS256\",\"kid\":\"k1\"}", 0},
		{"alg none behind HS256", "{\"alg\":\"HS256\",\"alg\":\"none\",\"kid\":\"k1\"}", 0},
		{"kid missing", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", 0},
		{"kid unknown", "{\"alg\":\"HS256\",\"kid\":\"k3\",\"typ\":\"JWT\"}", 0},
		{"kid empty", "{\"alg\":\"HS256\",\"kid\":\"\",\"typ\":\"JWT\"}", 0},
		{"kid of another key", "{\"alg\":\"HS256\",\"kid\":\"k2\",\"typ\":\"JWT\"}", 0},
		{"signed by another key", HEADER, 1},
		{"kid in upper case", "{\"alg\":\"HS256\",\"kid\":\"K1\",\"typ\":\"JWT\"}", 0},
		{"kid a path", "{\"alg\":\"HS256\",\"kid\":\"../k1\",\"typ\":\"JWT\"}", 0},
		{"kid a number", "{\"alg\":\"HS256\",\"kid\":1,\"typ\":\"JWT\"}", 0},
		{"kid with NUL escape", "{\"alg\":\"HS256\",\"kid\":\"k1\\u0000\"}", 0},
		{"typ another", "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWE\"}", 0},
		{"crit", "{\"alg\":\"HS256\",\"kid\":\"k1\",\"crit\":[\"b64\"]}", 0},
		{"jku", "{\"alg\":\"HS256\",\"kid\":\"k1\",\"jku\":\"http://x/\"}", 0},
		{"jwk", "{\"alg\":\"HS256\",\"kid\":\"k1\",\"jwk\":{\"kty\":\"oct\"}}", 0},
		{"header cut", "{\"alg\":\"HS256\",\"kid\":\"k1\"", 0},
		{"header cut in a text", "{\"alg\":\"HS256\",\"kid\":\"k1", 0},
		{"text behind the header", "{\"alg\":\"HS256\",\"kid\":\"k1\"}x", 0},
		{"header empty object", "{}", 0},
		{"header an array", "[]", 0},
		{"header no JSON", "HS256", 0},
		{"header empty", "", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unit_row(rows[i].name);
		UNIT_I64(TOKEN_BAD, judge(make(rows[i].header, PAYLOAD, rows[i].key), NOW));
	}
}

static void
test_bad_payload(void)
{
	static const struct {
		const char *name, *payload;
	} rows[] = {
		{"exp missing", "{" FOR ",\"iat\":1795255790," WHO "}"},
		{"exp text", "{" FOR ",\"iat\":1795255790,\"exp\":\"1795256690\"," WHO "}"},
		{"exp fraction", "{" FOR ",\"iat\":1795255790,\"exp\":1795256690.5," WHO "}"},
		{"exp with exponent", "{" FOR ",\"iat\":1795255790,\"exp\":1e12," WHO "}"},
		{"exp negative", "{" FOR ",\"iat\":1795255790,\"exp\":-1," WHO "}"},
		{"exp zero", "{" FOR ",\"iat\":1795255790,\"exp\":0," WHO "}"},
		{"exp null", "{" FOR ",\"iat\":1795255790,\"exp\":null," WHO "}"},
		{"exp true", "{" FOR ",\"iat\":1795255790,\"exp\":true," WHO "}"},
		{"exp array", "{" FOR ",\"iat\":1795255790,\"exp\":[1795256690]," WHO "}"},
		{"exp beyond int64",
		 "{" FOR ",\"iat\":1795255790,\"exp\":99999999999999999999," WHO "}"},
		{"iat missing", "{" FOR ",\"exp\":1795256690," WHO "}"},
		{"iat in the future", "{" FOR ",\"iat\":1795255861,\"exp\":1795256690," WHO "}"},
		{"iat text", "{" FOR ",\"iat\":\"1795255790\",\"exp\":1795256690," WHO "}"},
		{"iat negative", "{" FOR ",\"iat\":-5,\"exp\":1795256690," WHO "}"},
		{"iss missing", "{\"aud\":\"boxoffice-api\"," TIMES "," WHO "}"},
		{"iss another",
		 "{\"iss\":\"Boxoffice\",\"aud\":\"boxoffice-api\"," TIMES "," WHO "}"},
		{"iss number", "{\"iss\":1,\"aud\":\"boxoffice-api\"," TIMES "," WHO "}"},
		{"aud missing", "{\"iss\":\"boxoffice\"," TIMES "," WHO "}"},
		{"aud another", "{\"iss\":\"boxoffice\",\"aud\":\"boxoffice\"," TIMES "," WHO "}"},
		{"aud array",
		 "{\"iss\":\"boxoffice\",\"aud\":[\"boxoffice-api\"]," TIMES "," WHO "}"},
		{"sub missing", "{" FOR "," TIMES "," SID ",\"role\":\"user\"}"},
		{"sub no UUID", "{" FOR "," TIMES "," SID ",\"role\":\"user\",\"sub\":\"1\"}"},
		{"sub number", "{" FOR "," TIMES "," SID ",\"role\":\"user\",\"sub\":1}"},
		{"sid missing", "{" FOR "," TIMES "," SUB ",\"role\":\"user\"}"},
		{"sid no UUID", "{" FOR "," TIMES "," SUB ",\"role\":\"user\",\"sid\":\"\"}"},
		{"role missing", "{" FOR "," TIMES "," SUB "," SID "}"},
		{"role unknown", "{" FOR "," TIMES "," SUB "," SID ",\"role\":\"root\"}"},
		{"role empty", "{" FOR "," TIMES "," SUB "," SID ",\"role\":\"\"}"},
		{"role in upper case", "{" FOR "," TIMES "," SUB "," SID ",\"role\":\"ADMIN\"}"},
		{"role array", "{" FOR "," TIMES "," SUB "," SID ",\"role\":[\"admin\"]}"},
		{"role with NUL", "{" FOR "," TIMES "," SUB "," SID ",\"role\":\"user\\u0000\"}"},
		{"payload an array", "[]"},
		{"payload empty object", "{}"},
		{"payload empty", ""},
		{"payload no JSON", "user"},
		{"payload cut", "{" FOR "," TIMES "," WHO},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unit_row(rows[i].name);
		UNIT_I64(TOKEN_BAD, judge(make(HEADER, rows[i].payload, 0), NOW));
	}
}

static void
test_bad_form(void)
{
	const char *head = arena_printf(unit_arena(), "%s.%s", base64(HEADER), base64(PAYLOAD));
	const char *mac = sign(head, 0), *good = arena_printf(unit_arena(), "%s.%s", head, mac);
	const struct {
		const char *name, *text;
	} rows[] = {
		{"empty", ""},
		{"one dot", "."},
		{"two dots", ".."},
		{"three dots", "..."},
		{"a space", " "},
		{"a word", "null"},
		{"one segment", base64(HEADER)},
		{"two segments", head},
		{"no signature", arena_printf(unit_arena(), "%s.", head)},
		{"four segments", arena_printf(unit_arena(), "%s.%s", good, mac)},
		{"dot behind", arena_printf(unit_arena(), "%s.", good)},
		{"dot before", arena_printf(unit_arena(), ".%s", good)},
		{"no header", arena_printf(unit_arena(), ".%s.%s", base64(PAYLOAD), mac)},
		{"no payload", arena_printf(unit_arena(), "%s..%s", base64(HEADER), mac)},
		{"space before", arena_printf(unit_arena(), " %s", good)},
		{"space behind", arena_printf(unit_arena(), "%s ", good)},
		{"newline behind", arena_printf(unit_arena(), "%s\n", good)},
		{"Bearer before", arena_printf(unit_arena(), "Bearer %s", good)},
		{"padding", arena_printf(unit_arena(), "%s=", good)},
		{"padded header",
		 arena_printf(unit_arena(), "%s=.%s.%s", base64(HEADER), base64(PAYLOAD), mac)},
		{"signature of an empty text",
		 arena_printf(unit_arena(), "%s.%s", head, sign("", 0))},
		{"two thousand bytes", arena_printf(unit_arena(), "%s.%01900d", head, 0)},
		{"very long", arena_printf(unit_arena(), "%s.%0100000d", head, 0)},
	};

	UNIT_I64(TOKEN_OK, judge(good, NOW));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unit_row(rows[i].name);
		UNIT_I64(TOKEN_BAD, judge(rows[i].text, NOW));
	}
}

/* A signature is good, and yet the text is over the limit. */
static void
test_too_long(void)
{
	const char *filler = arena_printf(unit_arena(), "%01500d", 0);
	const char *payload =
		arena_printf(unit_arena(), "{" FOR "," TIMES "," WHO ",\"jti\":\"%s\"}", filler);

	UNIT_I64(TOKEN_BAD, judge(make(HEADER, payload, 0), NOW));
	payload = arena_printf(unit_arena(), "{" FOR "," TIMES "," WHO ",\"jti\":\"%s\"}",
			       filler + 700);
	UNIT_I64(TOKEN_OK, judge(make(HEADER, payload, 0), NOW));
}

static void
test_tampered(void)
{
	const char *good = make(HEADER, PAYLOAD, 0);
	size_t len = strlen(good);

	for (size_t i = 0; i < len; i++) {
		for (const char *other = "AQz0-_.="; *other; other++) {
			char *copy = arena_strdup(unit_arena(), good);

			if (copy[i] == *other)
				continue;
			copy[i] = *other;
			unit_row(copy);
			UNIT_I64(TOKEN_BAD, judge(copy, NOW));
		}
	}
	for (size_t i = 0; i < len; i++)
		UNIT_I64(TOKEN_BAD, judge(arena_strndup(unit_arena(), good, i), NOW));
}

/* Well signed by libjwt with our own key, with another algorithm than ours. */
static void
test_other_algorithms(void)
{
	static const jwt_alg_t algorithms[] = {JWT_ALG_NONE, JWT_ALG_HS384, JWT_ALG_HS512};
	const struct config_key *key = &test_crypt_secrets.token_keys[0];

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		bool is_none = algorithms[i] == JWT_ALG_NONE;
		jwt_t *jwt = NULL;
		char *text;

		UNIT_I64(0, jwt_new(&jwt));
		UNIT_I64(0, jwt_add_grants_json(jwt, PAYLOAD));
		UNIT_I64(0, jwt_add_header(jwt, "kid", "k1"));
		UNIT_I64(0, jwt_set_alg(jwt, algorithms[i], is_none ? NULL : key->bytes,
					is_none ? 0 : sizeof(key->bytes)));
		text = jwt_encode_str(jwt);
		unit_row(text);
		UNIT_I64(TOKEN_BAD, judge(text, NOW));
		free(text);
		jwt_free(jwt);
	}
}

/* An expired token is expired only when it is ours in all else. */
static void
test_expired(void)
{
	static const char times[] = "\"iat\":1795250000,\"exp\":1795255800";
	const char *ours = arena_printf(unit_arena(), "{" FOR ",%s," WHO "}", times);
	const char *alien = arena_printf(
		unit_arena(), "{\"iss\":\"x\",\"aud\":\"boxoffice-api\",%s," WHO "}", times);

	UNIT_I64(TOKEN_EXPIRED, judge(make(HEADER, ours, 0), NOW));
	UNIT_I64(TOKEN_BAD, judge(make(HEADER, ours, 1), NOW));
	UNIT_I64(TOKEN_BAD, judge(make(HEADER, alien, 0), NOW));
}

const struct unit_case test_crypt_token_cases[] = {
	{"a token that was made is read until it expires", test_good},
	{"a token made by hand is read in any order of its header", test_handmade},
	{"a token with another header is refused", test_bad_header},
	{"a token with another payload is refused", test_bad_payload},
	{"a text of another form is refused", test_bad_form},
	{"a text over the limit is refused", test_too_long},
	{"a token with one byte changed or cut is refused", test_tampered},
	{"a token of another algorithm is refused", test_other_algorithms},
	{"an expired token is told from a bad one", test_expired},
	{NULL, NULL},
};
