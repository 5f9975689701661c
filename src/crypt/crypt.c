/* Hashing and wiping with libsodium. */
#include "config.h"

#include "crypt/crypt.h"

#include <stdlib.h>

#include <sodium.h>

#include "base/log.h"

_Static_assert(CRYPT_HASH_SIZE >= crypto_generichash_BYTES_MIN &&
		       CRYPT_HASH_SIZE <= crypto_generichash_BYTES_MAX,
	       "a size that BLAKE2b has");

void
crypt_init(void)
{
	if (sodium_init() < 0) {
		log_error("could not start libsodium");
		exit(EXIT_FAILURE);
	}
}

void
crypt_hash(const void *data, size_t len, uint8_t hash_r[CRYPT_HASH_SIZE])
{
	crypto_generichash(hash_r, CRYPT_HASH_SIZE, data, len, NULL, 0);
}

void
crypt_hash_keyed(const void *key, size_t key_len, const void *data, size_t len,
		 uint8_t hash_r[CRYPT_HASH_SIZE])
{
	crypto_generichash(hash_r, CRYPT_HASH_SIZE, data, len, key, key_len);
}
