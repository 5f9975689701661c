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
#include "json/jin.h"

/* Raise this when the form of a cached body changes: two versions of the program share a cache. */
#define READ_VERSION 2
#define HARD_S 2 /* maximum age of a stale document that is served */

enum err
read_found(struct core *core, enum err err, const struct db_rows *const *rows)
{
	if (err != ERR_OK || db_rows_count(*rows) > 0)
		return err;
	return outcome_refuse(core, CODE_NOT_FOUND);
}

enum err
read_json(struct core *core, const struct db_rows *rows, size_t row, const char *column,
	  const struct jval **value_r)
{
	const char *text = db_text(rows, row, column);
	const struct jval *value = text == NULL ? NULL : jin_parse_own(core->arena, text);

	if (value == NULL)
		return fail_log(core->failure, CODE_INTERNAL, "%s reads as no JSON", column);
	*value_r = value;
	return ERR_OK;
}

enum err
read_bytes(struct core *core, const struct db_rows *rows, const char *column, struct buf *bytes)
{
	const char *text = db_text(rows, 0, column); /* \\x and hex digits */
	const size_t length = db_length(rows, 0, column);
	uint8_t *data = arena_alloc(core->arena, length / 2);

	if (length < 2 || !text_unhex(text + 2, length - 2, data))
		return fail_log(core->failure, CODE_INTERNAL, "%s reads as no bytes", column);
	buf_put(bytes, data, length / 2 - 1);
	return ERR_OK;
}

int64_t *
read_numbers(struct core *core, const struct db_rows *rows, const char *column)
{
	int64_t *numbers = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*numbers));

	for (size_t i = 0; i < db_rows_count(rows); i++)
		numbers[i] = db_i64(rows, i, column);
	return numbers;
}

void
read_key_init(struct read_key *key, struct core *core, const char *name)
{
	buf_init(&key->text, core->arena);
	buf_printf(&key->text, "%s:%d", name, READ_VERSION);
}

/* Each part follows its length, so that no text of a client can look like two parts. */
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

/* Keys have a narrow alphabet. A key with other characters is replaced by its hash. */
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

struct read_age
read_age_live(int64_t soft_ms)
{
	return (struct read_age){.soft_ms = soft_ms, .hard_s = HARD_S};
}

struct read_age
read_age_strict(int64_t age_ms)
{
	return (struct read_age){.soft_ms = age_ms};
}

/* The context that the cache passes to its fill callback. */
struct filling {
	struct core *core;
	read_fill *fill;
	const void *wanted;
};

static enum err
fill_for_cache(void *context, struct buf *body)
{
	const struct filling *filling = context;

	return filling->fill(filling->core, filling->wanted, body);
}

enum err
read_cached(struct core *core, const struct read_key *key, struct read_age age, read_fill *fill,
	    const void *wanted, struct buf *body)
{
	struct filling filling = {.core = core, .fill = fill, .wanted = wanted};
	const struct cache_fill filler = {.fn = fill_for_cache, .context = &filling};

	return cache_get_or_fill(core->cache, core->arena, plain_key(core, &key->text), age.soft_ms,
				 age.hard_s, &filler, body);
}
