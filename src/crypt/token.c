/*
 * Access tokens. libjwt takes the algorithm from the token, compares names of algorithms without
 * case, reads base64 leniently and checks no claim at all. So libjwt has the last word here, not
 * the first. A parser that knows three members reads the header: alg must be HS256, and kid must
 * name a key of the table (one key, one algorithm). Only then libjwt checks the signature.
 */
#include "config.h"

#include "crypt/crypt.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "base/arena.h"
#include "base/role.h"
#include "base/text.h"
#include "conf/config.h"

#define ISSUER "boxoffice"
#define AUDIENCE "boxoffice-api"
#define TOKEN_MAX 2048
#define AHEAD_MAX_S 60        /* how far iat may be ahead of us */
#define SIGNATURE_TEXT_LEN 43 /* 32 bytes in base64url */

static void
free_jwt(jwt_t **jwt)
{
	if (*jwt)
		jwt_free(*jwt);
}

#define AUTO_JWT __attribute__((cleanup(free_jwt)))

/* --- making --- */

static int
add_claims(jwt_t *jwt, const struct token *token, int64_t now_unix_s)
{
	char user_id[UUID_TEXT_SIZE], session_id[UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
	struct uuid uuid;

	uuid_new(&uuid);
	uuid_format(&uuid, id);
	uuid_format(&token->user_id, user_id);
	uuid_format(&token->session_id, session_id);
	return jwt_add_grant(jwt, "iss", ISSUER) || jwt_add_grant(jwt, "aud", AUDIENCE) ||
	       jwt_add_grant(jwt, "sub", user_id) || jwt_add_grant(jwt, "sid", session_id) ||
	       jwt_add_grant(jwt, "role", role_name(token->role)) ||
	       jwt_add_grant(jwt, "jti", id) || jwt_add_grant_int(jwt, "iat", now_unix_s) ||
	       jwt_add_grant_int(jwt, "exp", token->expires_at);
}

enum err
token_make(struct arena *arena, const struct secrets *secrets, const struct token *token,
	   int64_t now_unix_s, const char **text_r)
{
	const struct config_key *key = &secrets->token_keys[secrets->token_current];
	AUTO_JWT jwt_t *jwt = NULL;
	char *text;

	assert(secrets->token_current < secrets->token_key_count && token->role > ROLE_NONE);
	if (jwt_new(&jwt) != 0 || add_claims(jwt, token, now_unix_s) != 0 ||
	    jwt_add_header(jwt, "kid", key->id) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS256, key->bytes, sizeof(key->bytes)) != 0)
		return ERR_INTERNAL;
	text = jwt_encode_str(jwt);
	if (!text)
		return ERR_INTERNAL;
	*text_r = arena_strdup(arena, text);
	free(text);
	return ERR_OK;
}

/* --- reading --- */

struct header {
	const char *alg, *kid, *typ; /* NULL when absent */
};

/* Takes "…" at *text, without escapes and control characters, and ends it with a NUL. */
static char *
take_string(char **text)
{
	char *start = *text + 1, *end;

	if (**text != '"')
		return NULL;
	for (end = start; *end != '"'; end++) {
		if ((unsigned char)*end < ' ' || *end == '\\')
			return NULL;
	}
	*end = '\0';
	*text = end + 1;
	return start;
}

/* Parses {"name":"value",…} of the three known names, each at most once. Our own tokens look like
 * that. */
static bool
header_parse(char *text, struct header *header)
{
	if (*text++ != '{')
		return false;
	for (;;) {
		const char *name = take_string(&text), *value, **member;

		if (!name || *text++ != ':')
			return false;
		value = take_string(&text);
		if (strcmp(name, "alg") == 0)
			member = &header->alg;
		else if (strcmp(name, "kid") == 0)
			member = &header->kid;
		else if (strcmp(name, "typ") == 0)
			member = &header->typ;
		else
			return false;
		if (!value || /* guard: member once */ *member)
			return false;
		*member = value;
		if (*text == '}')
			return text[1] == '\0';
		if (*text++ != ',')
			return false;
	}
}

/* The key that the header names, when everything else in the header is as we make it. */
static const struct config_key *
key_of(struct arena *arena, const struct secrets *secrets, const char *segment, size_t len)
{
	struct header header = {NULL, NULL, NULL};
	size_t size;
	uint8_t *bytes = text_unbase64url(arena, segment, len, &size);
	char *text;

	if (!bytes || memchr(bytes, '\0', size))
		return NULL;
	text = arena_strndup(arena, (const char *)bytes, size);
	if (!header_parse(text, &header) || !header.alg || !header.kid)
		return NULL;
	if (/* guard: algorithm */ strcmp(header.alg, "HS256") != 0 ||
	    (header.typ && strcmp(header.typ, "JWT") != 0))
		return NULL;
	for (size_t i = 0; i < secrets->token_key_count; i++) {
		/* guard: key */
		if (strcmp(secrets->token_keys[i].id, header.kid) == 0)
			return &secrets->token_keys[i];
	}
	return NULL;
}

/* Checks for three segments of strict base64url, the last as long as a signature. NULL when they
 * are not. */
static const struct config_key *
split(struct arena *arena, const struct secrets *secrets, const char *text)
{
	size_t len = strnlen(text, TOKEN_MAX + 1), size;
	const char *payload, *signature;

	/* guard: length */
	if (len > TOKEN_MAX)
		return NULL;
	payload = strchr(text, '.');
	signature = payload ? strchr(payload + 1, '.') : NULL;
	if (!signature ||
	    /* guard: length of the signature */ strlen(signature + 1) != SIGNATURE_TEXT_LEN)
		return NULL;
	if (signature == payload + 1 ||
	    !text_unbase64url(arena, payload + 1, (size_t)(signature - payload - 1), &size) ||
	    /* guard: form of the signature */
	    !text_unbase64url(arena, signature + 1, SIGNATURE_TEXT_LEN, &size))
		return NULL;
	return key_of(arena, secrets, text, (size_t)(payload - text));
}

static bool
is_claim(jwt_t *jwt, const char *name, const char *expected)
{
	const char *value = jwt_get_grant(jwt, name);

	return value && strcmp(value, expected) == 0;
}

static bool
uuid_of(jwt_t *jwt, const char *name, struct uuid *uuid_r)
{
	const char *value = jwt_get_grant(jwt, name);

	return value && uuid_parse(value, strlen(value), uuid_r);
}

/* Returns false when the claim is absent, of another type (a fraction, a text) or not after
 * 1970. */
static bool
time_of(jwt_t *jwt, const char *name, int64_t *unix_s_r)
{
	errno = 0;
	*unix_s_r = jwt_get_grant_int(jwt, name);
	/* guard: whole numbers */
	return errno == 0 && *unix_s_r > 0;
}

enum token_state
token_read(struct arena *arena, const struct secrets *secrets, const char *text, int64_t now_unix_s,
	   struct token *token_r)
{
	const struct config_key *key = split(arena, secrets, text);
	AUTO_JWT jwt_t *jwt = NULL;
	struct token token;
	int64_t issued_at;

	if (!key ||
	    /* guard: signature */ jwt_decode(&jwt, text, key->bytes, sizeof(key->bytes)) != 0)
		return TOKEN_BAD;
	if (/* guard: library's algorithm */ jwt_get_alg(jwt) != JWT_ALG_HS256 ||
	    /* guard: issuer */ !is_claim(jwt, "iss", ISSUER) ||
	    /* guard: audience */ !is_claim(jwt, "aud", AUDIENCE))
		return TOKEN_BAD;
	token.role = role_by_name(jwt_get_grant(jwt, "role"));
	if (/* guard: role */ token.role == ROLE_NONE ||
	    /* guard: user */ !uuid_of(jwt, "sub", &token.user_id) ||
	    /* guard: session */ !uuid_of(jwt, "sid", &token.session_id))
		return TOKEN_BAD;
	if (/* guard: expiry */ !time_of(jwt, "exp", &token.expires_at) ||
	    !time_of(jwt, "iat", &issued_at) ||
	    /* guard: from the future */ issued_at > now_unix_s + AHEAD_MAX_S)
		return TOKEN_BAD;
	/* guard: expired */
	if (token.expires_at <= now_unix_s)
		return TOKEN_EXPIRED;
	*token_r = token;
	return TOKEN_OK;
}
