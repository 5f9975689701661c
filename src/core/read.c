#include "config.h"

#include "core/read.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "cache/cache.h"
#include "core/core.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
#include "db/db.h"

/* Raise when the form of a cached body changes: two versions of the program share a cache. */
#define READ_VERSION 1

enum err
read_one(struct core *core, struct db *db, const char *statement, const struct db_params *params,
	 const struct db_rows **rows_r)
{
	const struct db_rows *rows;
	enum err err = db_read(db, statement, params, core->arena, core->failure, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0)
		return outcome_refuse(core, CODE_NOT_FOUND);
	*rows_r = rows;
	return ERR_OK;
}

void
read_key_init(struct read_key *key, struct core *core, const char *name)
{
	buf_init(&key->text, core->arena);
	buf_printf(&key->text, "%s:%d", name, READ_VERSION);
}

/* The length in front keeps parts apart, whatever a client writes into one. */
void
read_key_text(struct read_key *key, const char *part)
{
	if (part == NULL)
		buf_puts(&key->text, ":-");
	else
		buf_printf(&key->text, ":%zu.%s", strlen(part), part);
}

void
read_key_i64(struct read_key *key, int64_t part)
{
	buf_printf(&key->text, ":%lld", (long long)part);
}

/* Keys have a narrow alphabet; those with other characters in them become their hash. */
static const char *
plain_key(struct core *core, const struct buf *text)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789:_.=&-";
	const char *name = buf_text(text);
	uint8_t hash[CRYPT_HASH_SIZE];
	char hex[2 * CRYPT_HASH_SIZE + 1];

	if (strspn(name, alphabet) == text->len)
		return name;
	crypt_hash(name, text->len, hash);
	text_hex(hash, sizeof(hash), hex);
	return arena_printf(core->arena, "%.*s:%s", (int)strcspn(name, ":"), name, hex);
}

enum err
read_cached(struct core *core, const struct read_key *key, struct read_age age,
	    enum err (*fill)(void *context, struct buf *body), void *context, struct buf *body)
{
	const struct cache_fill filler = {.fn = fill, .context = context};

	return cache_get_or_fill(core->cache, core->arena, plain_key(core, &key->text), age.soft_ms,
				 age.hard_s, &filler, body);
}
