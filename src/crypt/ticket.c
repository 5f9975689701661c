/*
 * The code of a ticket: its content and an Ed25519 signature of the content and the key id. The
 * code is computed whenever a ticket is shown, and stored nowhere. Signing is deterministic: a
 * ticket has the same code as long as the key is current.
 */
#include "config.h"

#include "crypt/crypt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"

#define PREFIX "BO1."
#define CODE_MAX_LEN 256

/* Big endian, as it is signed after the text "BO1.<key id>.". */
struct payload {
	uint8_t ticket_id[16];
	uint8_t show_id[4];
	uint8_t seat_no[4];
};

struct content {
	struct payload payload;
	uint8_t signature[crypto_sign_BYTES];
};

_Static_assert(sizeof(struct content) == TICKET_CONTENT_SIZE, "bytes without gaps");

/* Making the pair of a seed costs as much as a signature, so pairs are kept by position in the
 * table. */
struct pair {
	uint8_t seed[32]; /* the seed of the pair */
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
	bool is_made;
};

static const struct pair *
pair_of(const struct secrets *secrets, size_t index)
{
	static struct pair pairs[CONFIG_KEYS_MAX];
	const uint8_t *seed = secrets->ticket_keys[index].bytes;
	struct pair *pair = &pairs[index];

	if (pair->is_made && text_is_equal_ct(pair->seed, seed, sizeof(pair->seed)))
		return pair;
	memcpy(pair->seed, seed, sizeof(pair->seed));
	crypto_sign_seed_keypair(pair->public_key, pair->secret_key, seed);
	pair->is_made = true;
	return pair;
}

static void
put_be32(uint8_t bytes_r[4], int64_t number)
{
	assert(number >= 0 && number <= INT32_MAX);
	for (int i = 3; i >= 0; i--, number >>= 8)
		bytes_r[i] = (uint8_t)number;
}

static int64_t
get_be32(const uint8_t bytes[4])
{
	return (int64_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* The bytes to sign. */
static uint8_t *
message_of(struct arena *arena, const char *key_id, const struct payload *payload, size_t *len_r)
{
	size_t head = strlen(PREFIX) + strlen(key_id) + 1;
	uint8_t *message = arena_alloc(arena, head + sizeof(*payload));

	memcpy(message, /* guard: key in the message */ arena_printf(arena, PREFIX "%s.", key_id),
	       head);
	memcpy(message + head, payload, sizeof(*payload));
	*len_r = head + sizeof(*payload);
	return message;
}

const char *
ticket_code(struct arena *arena, const struct secrets *secrets, const struct uuid *ticket_id,
	    int64_t show_id, int64_t seat_no)
{
	const struct config_key *key = &secrets->ticket_keys[secrets->ticket_current];
	struct content content;
	uint8_t *message;
	size_t len;

	assert(secrets->ticket_current < secrets->ticket_key_count);
	memcpy(content.payload.ticket_id, ticket_id->bytes, sizeof(content.payload.ticket_id));
	put_be32(content.payload.show_id, show_id);
	put_be32(content.payload.seat_no, seat_no);
	message = message_of(arena, key->id, &content.payload, &len);
	crypto_sign_detached(content.signature, NULL, message, len,
			     pair_of(secrets, secrets->ticket_current)->secret_key);
	return arena_printf(arena, PREFIX "%s.%s", key->id,
			    text_base64url(arena, &content, sizeof(content)));
}

/* The position of the key in the table; the number of keys when it is unknown. */
static size_t
key_find(const struct secrets *secrets, const char *id)
{
	size_t i;

	for (i = 0; i < secrets->ticket_key_count; i++) {
		/* guard: key */
		if (strcmp(secrets->ticket_keys[i].id, id) == 0)
			break;
	}
	return i;
}

const uint8_t *
ticket_public_key(const struct secrets *secrets, size_t index)
{
	return pair_of(secrets, index)->public_key;
}

bool
ticket_code_parse(struct arena *arena, const char *code, struct ticket_claims *claims_r)
{
	struct payload payload;
	size_t id_len, size;
	const char *id;
	uint8_t *bytes;

	if (strnlen(code, CODE_MAX_LEN + 1) > CODE_MAX_LEN ||
	    /* guard: prefix */ strncmp(code, PREFIX, strlen(PREFIX)) != 0)
		return false;
	id = code + strlen(PREFIX);
	id_len = /* guard: letters of the key */ strspn(id, CONFIG_KEY_ID_LETTERS);
	if (id_len == 0 || id_len > CONFIG_KEY_ID_MAX || id[id_len] != '.')
		return false;
	bytes = text_unbase64url(arena, id + id_len + 1, strlen(id + id_len + 1), &size);
	if (!bytes || /* guard: length */ size != sizeof(claims_r->bytes))
		return false;
	memcpy(claims_r->bytes, bytes, size);
	memcpy(&payload, bytes, sizeof(payload));
	claims_r->key_id = arena_strndup(arena, id, id_len);
	memcpy(claims_r->ticket_id.bytes, payload.ticket_id, sizeof(payload.ticket_id));
	claims_r->show_id = get_be32(payload.show_id);
	claims_r->seat_no = get_be32(payload.seat_no);
	return true;
}

bool
ticket_claims_verify(struct arena *arena, const struct ticket_claims *claims,
		     const uint8_t public_key[TICKET_PUBLIC_KEY_SIZE])
{
	struct content content;
	uint8_t *message;
	size_t len;

	memcpy(&content, claims->bytes, sizeof(content));
	message = message_of(arena, claims->key_id, &content.payload, &len);
	/* guard: public key */
	return crypto_sign_verify_detached(content.signature, message, len, public_key) == 0;
}

bool
ticket_code_read(struct arena *arena, const struct secrets *secrets, const char *code,
		 struct uuid *ticket_id_r, int64_t *show_id_r, int64_t *seat_no_r)
{
	struct ticket_claims claims;
	size_t index;

	if (!ticket_code_parse(arena, code, &claims))
		return false;
	index = key_find(secrets, claims.key_id);
	if (index == secrets->ticket_key_count ||
	    /* guard: signature */ !ticket_claims_verify(arena, &claims,
							 ticket_public_key(secrets, index)))
		return false;
	*ticket_id_r = claims.ticket_id;
	*show_id_r = claims.show_id;
	*seat_no_r = claims.seat_no;
	return true;
}
