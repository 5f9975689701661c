/* A cache entry is the ETag, which has a fixed length, followed by the body in the form that
 * clients get. */
#include "config.h"

#include "core/show/seatmap.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/seatbits.h"
#include "base/text.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/read.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "host/hostmem.h"
#include "json/jdoc.h"
#include "json/jout.h"

#define ETAG_LENGTH 34 /* 32 hex digits in quotes */

static void
put_etag(const uint8_t *bits, size_t size, struct buf *body)
{
	uint8_t hash[CRYPT_HASH_SIZE];
	char hex[33];

	crypt_hash(bits, size, hash);
	text_hex(hash, 16, hex);
	buf_printf(body, "\"%s\"", hex);
}

/* Opaque to clients. It begins with a letter for its kind, so that another kind can be added one
 * day. */
static const char *
position(struct core *core, const char *xmin)
{
	const char *text = arena_printf(core->arena, "p%s", xmin);

	return text_base64url(core->arena, text, strlen(text));
}

static enum err
fill(struct core *core, const void *wanted, struct buf *body)
{
	const int64_t *show_id = wanted;
	/* Whoever asks while this reads sees only what was seen before. */
	const uint32_t callers = hostmem_crowd_size(*show_id);
	const struct db_rows *rows;
	struct jout out;
	uint8_t *bits;
	size_t seats, size;
	enum err err;

	err = read_show_availability(core, core->db, *show_id, &rows);
	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	seats = (size_t)db_i64(rows, 0, "capacity");
	size = seatbits_size(seats);
	bits = arena_alloc(core->arena, size);
	if (db_length(rows, 0, "digits") != seats ||
	    !seatbits_pack(db_text(rows, 0, "digits"), seats, bits))
		return fail_log(core->failure, CODE_INTERNAL, "show %lld does not have its seats",
				(long long)*show_id);
	hostmem_crowd_forget(*show_id, callers);
	put_etag(bits, size, body);
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "show_id", *show_id);
	jout_key_i64(&out, "capacity", (int64_t)seats);
	jout_key_text(&out, "as_of", position(core, db_text(rows, 0, "as_of")));
	jout_key_text(&out, "states", text_base64(core->arena, bits, size));
	jout_end(&out);
	return ERR_OK;
}

/* The cached value. */
static enum err
read_value(struct core *core, int64_t show_id, struct read_age age, struct buf *value)
{
	struct read_key key;
	enum err err;

	read_key_init(&key, core, "availability");
	read_key_i64(&key, show_id);
	buf_init(value, core->arena);
	err = read_cached(core, &key, age, fill, &show_id, value);
	if (err == ERR_OK && value->len < ETAG_LENGTH)
		return fail_log(core->failure, CODE_INTERNAL, "an availability without its ETag");
	return err;
}

enum err
seatmap_read(struct core *core, int64_t show_id, const char **etag_r, struct buf *body)
{
	struct buf value;
	enum err err = read_value(core, show_id,
				  read_age_live(core->config->cache_availability_soft_ms), &value);

	if (err != ERR_OK)
		return err;
	*etag_r = arena_strndup(core->arena, value.data, ETAG_LENGTH);
	buf_put(body, value.data + ETAG_LENGTH, value.len - ETAG_LENGTH);
	return ERR_OK;
}

enum err
seatmap_bits(struct core *core, int64_t show_id, struct read_age age, size_t *seats_r,
	     uint8_t **bits_r)
{
	struct buf value;
	size_t len, size, seats;
	const char *states;
	uint8_t *bits;
	enum err err = read_value(core, show_id, age, &value);

	if (err != ERR_OK)
		return err;
	seats = (size_t)jdoc_i64(value.data + ETAG_LENGTH, "capacity");
	states = jdoc_member(value.data + ETAG_LENGTH, "states", &len);
	bits = states != NULL ? text_unbase64(core->arena, states + 1, len - 2, &size) : NULL;
	if (bits == NULL || size != seatbits_size(seats))
		return fail_log(core->failure, CODE_INTERNAL, "an availability without its states");
	*seats_r = seats;
	*bits_r = bits;
	return ERR_OK;
}
