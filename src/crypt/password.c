/*
 * Passwords. A log-in for an account that does not exist verifies a dummy at the current cost, so
 * that the time of the answer does not tell which addresses have accounts.
 */
#include "config.h"

#include "crypt/crypt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "words/words.h"

enum err
password_hash(struct arena *arena, const char *password, int64_t memory_kib, int64_t passes,
	      const char **hash_r)
{
	char text[crypto_pwhash_STRBYTES];

	password = /* guard: NFKC */ words_nfkc(arena, password);
	if (crypto_pwhash_str(text, password, strlen(password), (unsigned long long)passes,
			      (size_t)memory_kib * 1024) != 0)
		return ERR_INTERNAL;
	*hash_r = arena_strdup(arena, text);
	return ERR_OK;
}

bool
password_verify(struct arena *arena, const char *hash, const char *password, int64_t memory_kib,
		int64_t passes)
{
	const char *normal = words_nfkc(arena, password);
	char text[crypto_pwhash_STRBYTES] = "";
	bool is_equal;

	if (hash && strlen(hash) < sizeof(text)) {
		memcpy(text, hash, strlen(hash));
	} else {
		/* A salt of 16 and a hash of 32 zero bytes. */
		snprintf(text, sizeof(text),
			 "$argon2id$v=19$m=%" PRId64 ",t=%" PRId64 ",p=1$AAAAAAAAAAAAAAAAAAAAAA$"
			 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			 memory_kib, passes);
	}
	is_equal =
		/* guard: as long */ crypto_pwhash_str_verify(text, normal, strlen(normal)) == 0;
	/* Older hashes are of the password as it was typed. */
	if (/* guard: as typed */ !is_equal && strcmp(normal, password) != 0)
		is_equal = crypto_pwhash_str_verify(text, password, strlen(password)) == 0;
	/* guard: verified */
	return hash && is_equal;
}
