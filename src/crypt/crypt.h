/*
 * Crypt: passwords (argon2id), hashes and ticket signatures by libsodium, access tokens by libjwt.
 * Call crypt_init() once per process before anything else here.
 */
#ifndef CRYPT_CRYPT_H
#define CRYPT_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/role.h"
#include "base/uuid.h"

struct arena;
struct secrets;

/* Ends the process when libsodium cannot be used. */
void
crypt_init(void);

#define CRYPT_HASH_SIZE 32

/* BLAKE2b-256: fingerprints of bodies, hashes of refresh tokens. */
void
crypt_hash(const void *data, size_t len, uint8_t hash_r[CRYPT_HASH_SIZE]);

/* The same under a key of 16 to 64 bytes: only somebody who has the key can try what was hashed. */
void
crypt_hash_keyed(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t hash_r[CRYPT_HASH_SIZE]);

/* --- password.c --- */

/* Encoded argon2id string in the arena, of the password in NFKC: what looks the same is the same,
 * whatever keyboard it was typed on. */
MUST_USE enum err
password_hash(struct arena *arena, const char *password, int64_t memory_kib, int64_t passes,
	      const char **hash_r);

/* `hash` NULL (no such account): takes the same time at the given cost and returns false. Tries the
 * password as it is too when its NFKC differs, which takes twice the time, with an account or
 * without. */
bool
password_verify(struct arena *arena, const char *hash, const char *password, int64_t memory_kib,
		int64_t passes);

/* --- token.c: HS256, pinned; key ids from a closed table --- */

struct token {
	struct uuid user_id;
	struct uuid session_id; /* the refresh family; a revocation names it */
	enum role role;         /* not ROLE_NONE */
	int64_t expires_at;     /* Unix s */
};

/* Signs with the current key. */
MUST_USE enum err
token_make(struct arena *arena, const struct secrets *secrets, const struct token *token,
	   int64_t now_unix_s, const char **text_r);

enum token_state { TOKEN_OK, TOKEN_BAD, TOKEN_EXPIRED };

/* Judges the text at the given time and checks the form of role and ids. It refuses another alg, an
 * unknown kid, a missing exp or iat, another iss or aud, an iat more than 60 s ahead, and more than
 * 2048 bytes. */
enum token_state
token_read(struct arena *arena, const struct secrets *secrets, const char *text, int64_t now_unix_s,
	   struct token *token_r);

/* --- ticket.c: the code printed on a ticket --- */

/* "BO1." + key id + "." + base64url(ticket id ‖ show id ‖ seat no ‖ Ed25519 signature). */
const char *
ticket_code(struct arena *arena, const struct secrets *secrets, const struct uuid *ticket_id,
	    int64_t show_id, int64_t seat_no);

/* Returns false when the form, the key id or the signature is wrong. It needs public keys only. */
bool
ticket_code_read(struct arena *arena, const struct secrets *secrets, const char *code,
		 struct uuid *ticket_id_r, int64_t *show_id_r, int64_t *seat_no_r);

#define TICKET_PUBLIC_KEY_SIZE 32
#define TICKET_CONTENT_SIZE (24 + 64)

/* The content of a code, before and after its signature is checked. */
struct ticket_claims {
	const char *key_id;
	struct uuid ticket_id;
	int64_t show_id, seat_no;
	uint8_t bytes[TICKET_CONTENT_SIZE]; /* the signed bytes and the signature */
};

/* Returns false when the form is wrong. It does not check the signature. */
bool
ticket_code_parse(struct arena *arena, const char *code, struct ticket_claims *claims_r);

/* Tells whether this key, which the caller found by its id, signed the content of the code. */
bool
ticket_claims_verify(struct arena *arena, const struct ticket_claims *claims,
		     const uint8_t public_key[TICKET_PUBLIC_KEY_SIZE]);

/* The public key that checks codes of the ticket key at this position of the table; static
 * storage. */
const uint8_t *
ticket_public_key(const struct secrets *secrets, size_t index);

#endif
