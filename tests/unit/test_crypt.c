/* Hashes, passwords, ticket codes; tokens are in test_crypt_token.c. */
#include "config.h"

#include "test_crypt.h"

#include <string.h>
#include <time.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/text.h"
#include "crypt/crypt.h"

/* The least that argon2id takes: tests need no strength. */
#define MEMORY_KIB 64
#define PASSES 1

/* ./dev's keys are random; these only have to differ. */
const struct secrets test_crypt_secrets = {
	.token_keys = {{.id = "k1", .bytes = {1, 2, 3}}, {.id = "k2", .bytes = {4, 5, 6}}},
	.token_key_count = 2,
	.token_current = 0,
	.ticket_keys = {{.id = "t1", .bytes = {7}}, {.id = "t2", .bytes = {8}}},
	.ticket_key_count = 2,
	.ticket_current = 1,
};

static void
test_hash(void)
{
	uint8_t hash[CRYPT_HASH_SIZE];
	char text[2 * CRYPT_HASH_SIZE + 1];

	crypt_hash("abc", 3, hash);
	text_hex(hash, sizeof(hash), text);
	UNIT_TEXT("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319", text);
}

static void
test_password(void)
{
	const char *hash, *again;

	UNIT_I64(ERR_OK, password_hash(unit_arena(), "correct horse", MEMORY_KIB, PASSES, &hash));
	UNIT_I64(ERR_OK, password_hash(unit_arena(), "correct horse", MEMORY_KIB, PASSES, &again));
	UNIT_CONTAINS("$argon2id$v=19$m=64,t=1,p=1$", hash);
	UNIT_TRUE(strcmp(hash, again) != 0);
	UNIT_TRUE(password_verify(unit_arena(), hash, "correct horse", MEMORY_KIB, PASSES));
	UNIT_TRUE(password_verify(unit_arena(), hash, "correct horse", MEMORY_KIB * 2, PASSES + 1));
	UNIT_FALSE(password_verify(unit_arena(), hash, "correct hors", MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), hash, "", MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), "", "", MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), "no hash", "correct horse", MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), arena_printf(unit_arena(), "%0*d", 300, 1), "x",
				   MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), NULL, "correct horse", MEMORY_KIB, PASSES));
}

/* The hash of the password as an earlier version made it: of its bytes. */
static const char *
hash_as_typed(const char *password)
{
	char text[crypto_pwhash_STRBYTES];

	UNIT_I64(0, crypto_pwhash_str(text, password, strlen(password), PASSES,
				      (size_t)MEMORY_KIB * 1024));
	return arena_strdup(unit_arena(), text);
}

static void
test_password_forms(void)
{
	static const char one[] = "caf\xc3\xa9 \xef\xac\x81sh", two[] = "cafe\xcc\x81 fish";
	const char *hash;

	UNIT_I64(ERR_OK, password_hash(unit_arena(), one, MEMORY_KIB, PASSES, &hash));
	UNIT_TRUE(password_verify(unit_arena(), hash, one, MEMORY_KIB, PASSES));
	UNIT_TRUE(password_verify(unit_arena(), hash, two, MEMORY_KIB, PASSES));
	hash = hash_as_typed(two);
	UNIT_TRUE(password_verify(unit_arena(), hash, two, MEMORY_KIB, PASSES));
	UNIT_FALSE(password_verify(unit_arena(), hash, "cafe fish", MEMORY_KIB, PASSES));
}

/* Of the processor and not of the wall: the machine may be busy with something else. */
static int64_t
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t
verify_us(const char *hash, int64_t memory_kib)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		int64_t start = cpu_us(), us;

		UNIT_FALSE(password_verify(unit_arena(), hash, "wrong", memory_kib, 2));
		us = cpu_us() - start;
		best = us < best ? us : best;
	}
	return best;
}

/* The dummy is really computed: the time of both is of one size. */
static void
test_password_time(void)
{
	const int64_t memory_kib = 4096;
	const char *hash;
	int64_t known_us, unknown_us;

	UNIT_I64(ERR_OK, password_hash(unit_arena(), "right", memory_kib, 2, &hash));
	known_us = verify_us(hash, memory_kib);
	unknown_us = verify_us(NULL, memory_kib);
	UNIT_TRUE(unknown_us > known_us / 2 && unknown_us < known_us * 2);
}

/* --- ticket codes --- */

#define SHOW_ID INT32_MAX
#define SEAT_NO 49999

static const char *
make_code(const struct secrets *secrets, struct uuid *ticket_id_r)
{
	UNIT_TRUE(uuid_parse("0f0e0d0c-0b0a-4908-8706-050403020100", 36, ticket_id_r));
	return ticket_code(unit_arena(), secrets, ticket_id_r, SHOW_ID, SEAT_NO);
}

static bool
read_code(const struct secrets *secrets, const char *code)
{
	struct uuid ticket_id;
	int64_t show_id, seat_no;

	return ticket_code_read(unit_arena(), secrets, code, &ticket_id, &show_id, &seat_no);
}

static void
test_ticket(void)
{
	struct uuid ticket_id, ticket_id_read;
	const char *code = make_code(&test_crypt_secrets, &ticket_id);
	int64_t show_id, seat_no;

	UNIT_TRUE(strncmp(code, "BO1.t2.", 7) == 0);
	UNIT_TEXT(code, make_code(&test_crypt_secrets, &ticket_id));
	UNIT_TRUE(ticket_code_read(unit_arena(), &test_crypt_secrets, code, &ticket_id_read,
				   &show_id, &seat_no));
	UNIT_TRUE(uuid_is_equal(&ticket_id, &ticket_id_read));
	UNIT_I64(SHOW_ID, show_id);
	UNIT_I64(SEAT_NO, seat_no);
}

/* Every byte of the code is replaced by others, some of them of the alphabet. */
static void
test_ticket_tampered(void)
{
	struct uuid ticket_id;
	const char *code = make_code(&test_crypt_secrets, &ticket_id);
	size_t len = strlen(code);

	for (size_t i = 0; i < len; i++) {
		for (const char *other = "A1_.z9-B= \x80"; *other; other++) {
			char *copy = arena_strdup(unit_arena(), code);

			if (copy[i] == *other)
				continue;
			copy[i] = *other;
			unit_row(copy);
			UNIT_FALSE(read_code(&test_crypt_secrets, copy));
		}
	}
	for (size_t i = 0; i < len; i++)
		UNIT_FALSE(read_code(&test_crypt_secrets, arena_strndup(unit_arena(), code, i)));
}

/* What a door without the secrets does: the form first, then each public key. */
static void
test_ticket_public(void)
{
	struct uuid ticket_id;
	const char *code = make_code(&test_crypt_secrets, &ticket_id);
	struct ticket_claims claims;

	UNIT_TRUE(ticket_code_parse(unit_arena(), code, &claims));
	UNIT_TEXT("t2", claims.key_id);
	UNIT_TRUE(uuid_is_equal(&ticket_id, &claims.ticket_id));
	UNIT_I64(SHOW_ID, claims.show_id);
	UNIT_I64(SEAT_NO, claims.seat_no);
	UNIT_TRUE(ticket_claims_verify(unit_arena(), &claims,
				       ticket_public_key(&test_crypt_secrets, 1)));
	UNIT_FALSE(ticket_claims_verify(unit_arena(), &claims,
					ticket_public_key(&test_crypt_secrets, 0)));
	claims.key_id = "t1";
	UNIT_FALSE(ticket_claims_verify(unit_arena(), &claims,
					ticket_public_key(&test_crypt_secrets, 1)));
	UNIT_FALSE(ticket_code_parse(unit_arena(),
				     arena_printf(unit_arena(), "BO1.t\033%s", strrchr(code, '.')),
				     &claims));
}

static void
test_ticket_refused(void)
{
	struct secrets other = test_crypt_secrets, older = test_crypt_secrets;
	struct uuid ticket_id;
	const char *code = make_code(&test_crypt_secrets, &ticket_id);
	const char *content = strrchr(code, '.');

	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "%sA", code)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "%s=", code)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), " %s", code)));
	/* Signed by t2, presented as of t1 and of nobody. */
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "BO1.t1%s", content)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "BO1.t%s", content)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "BO1.%s", content)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "BO2.t2%s", content)));
	UNIT_FALSE(read_code(&test_crypt_secrets, arena_printf(unit_arena(), "%0*d", 300, 0)));
	/* A key of the same name with other bytes, and one that is no longer known. */
	other.ticket_keys[1].bytes[31] ^= 1;
	UNIT_FALSE(read_code(&other, code));
	UNIT_TRUE(read_code(&test_crypt_secrets, code));
	older.ticket_key_count = 1;
	UNIT_FALSE(read_code(&older, code));
}

/* After a change of keys old tickets stay good. */
static void
test_ticket_older_key(void)
{
	struct secrets older = test_crypt_secrets;
	struct uuid ticket_id;

	older.ticket_current = 0;
	UNIT_TRUE(read_code(&test_crypt_secrets, make_code(&older, &ticket_id)));
}

static const struct unit_case crypt_cases[] = {
	{"the hash is BLAKE2b-256 and secrets are wiped", test_hash},
	{"a password is verified against its hash only", test_password},
	{"a password is the same in each way to type it", test_password_forms},
	{"an unknown account takes the time of a known one", test_password_time},
	{NULL, NULL},
};

static const struct unit_case ticket_cases[] = {
	{"a code says its ticket, show and seat", test_ticket},
	{"a code with one byte changed or cut is refused", test_ticket_tampered},
	{"a public key judges what its own key signed", test_ticket_public},
	{"a code of another form or key is refused", test_ticket_refused},
	{"a code of an older key is good", test_ticket_older_key},
	{NULL, NULL},
};

int
main(void)
{
	const struct unit_suite suites[] = {
		{"crypt", crypt_cases},
		{"tickets", ticket_cases},
		{"tokens", test_crypt_token_cases},
		{NULL, NULL},
	};

	crypt_init();
	return unit_run(suites);
}
