#include "config.h"

#include "core/list.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "core/core.h"
#include "db/db.h"
#include "json/jout.h"

/* The parts of each kind of key and their limits. The database never gets a time or a number that
 * it cannot hold. */
static const struct {
	char letter; /* first letter of the text; tells a cursor of another list */
	bool has_at;
	bool has_uuid;  /* false: a number */
	bool is_search; /* its read has is_cut */
	int64_t at_max;
	int64_t number_max;
} kinds[LIST_MAX] = {
	[LIST_EVENTS] = {'e', true, false, true, INT64_C(253402300799), INT32_MAX},
	[LIST_SHOWS] = {'s', true, false, false, INT64_C(253402300799), INT32_MAX},
	[LIST_ORDERS] = {'o', true, true, true, INT64_C(4102444800000000), 0},
	[LIST_ENTRIES] = {'w', false, false, true, 0, INT64_C(9007199254740992)},
	[LIST_SHOW_ORDERS] = {'p', true, true, false, INT64_C(4102444800000000), 0},
	[LIST_BLOCKS] = {'b', false, false, false, 0, INT32_MAX},
	[LIST_AUDIT] = {'a', false, false, false, 0, INT64_C(9007199254740992)},
};

/* Version, letter, then the parts with colons between them: "1e:1790000000:17". */
const char *
list_cursor(struct core *core, enum list_kind kind, const struct list_key *key)
{
	char uuid[UUID_TEXT_SIZE];
	const char *at = "", *id;
	const char *text;

	if (kinds[kind].has_at)
		at = arena_printf(core->arena, "%" PRId64 ":", key->at);
	if (kinds[kind].has_uuid) {
		uuid_format(&key->uuid, uuid);
		id = uuid;
	} else {
		id = arena_printf(core->arena, "%" PRId64, key->number);
	}
	text = arena_printf(core->arena, "1%c:%s%s", kinds[kind].letter, at, id);
	return text_base64url(core->arena, text, strlen(text));
}

static bool
read_number(const char *text, size_t len, int64_t max, int64_t *number_r)
{
	return text_parse_i64(text, len, number_r) && /* guard: not negative */ *number_r >= 0 &&
	       /* guard: most */ *number_r <= max;
}

static bool
read_key(enum list_kind kind, const char *text, size_t len, struct list_key *key)
{
	if (len < 3 || text[0] != '1' || /* guard: kind */ text[1] != kinds[kind].letter ||
	    text[2] != ':')
		return false;
	text += 3;
	len -= 3;
	if (kinds[kind].has_at) {
		const char *colon = memchr(text, ':', len);
		size_t at_len;

		if (colon == NULL)
			return false;
		at_len = (size_t)(colon - text);
		if (!read_number(text, at_len, kinds[kind].at_max, &key->at))
			return false;
		text += at_len + 1;
		len -= at_len + 1;
	}
	if (kinds[kind].has_uuid)
		return uuid_parse(text, len, &key->uuid);
	return read_number(text, len, kinds[kind].number_max, &key->number);
}

static enum err
read_cursor(struct core *core, const char *cursor, struct list *list)
{
	size_t size;
	const uint8_t *text;

	if (cursor == NULL)
		return ERR_OK;
	text = text_unbase64url(core->arena, cursor, strlen(cursor), &size);
	if (text == NULL || !read_key(list->kind, (const char *)text, size, &list->key))
		return fail(core->failure, CODE_BAD_CURSOR,
			    "pass next_cursor of this list as it was given");
	list->has_key = true;
	return ERR_OK;
}

enum err
list_read(struct core *core, enum list_kind kind, const struct list_page *page, struct list *list_r)
{
	struct list list = {.kind = kind, .limit = page->limit};
	enum err err = read_cursor(core, page->cursor, &list);

	if (err == ERR_OK)
		*list_r = list;
	return err;
}

struct list_span
list_span(const struct list *list, const struct db_rows *rows)
{
	const size_t limit = (size_t)list->limit;
	size_t count = db_rows_count(rows);
	const bool is_cut =
		kinds[list->kind].is_search && count > 0 && db_bool(rows, count - 1, "is_cut");

	count -= is_cut;
	if (count > limit)
		return (struct list_span){limit, true, limit - 1};
	return (struct list_span){count, is_cut, is_cut ? count : 0};
}

void
list_begin(struct jout *out, struct buf *body)
{
	jout_init(out, body);
	jout_object(out);
	jout_key(out, "items");
	jout_array(out);
}

void
list_end(struct core *core, struct jout *out, enum list_kind kind, bool has_more,
	 const struct list_key *last)
{
	jout_end(out);
	jout_key_text(out, "next_cursor", has_more ? list_cursor(core, kind, last) : NULL);
	jout_end(out);
}

const int64_t *
list_at(const struct list *list)
{
	return list->has_key ? &list->key.at : NULL;
}

const int64_t *
list_number(const struct list *list)
{
	return list->has_key ? &list->key.number : NULL;
}

const struct uuid *
list_uuid(const struct list *list)
{
	return list->has_key ? &list->key.uuid : NULL;
}

/* One row more than a page shows: the extra row tells that there is another page. */
int64_t
list_rows(const struct list *list)
{
	return list->limit + 1;
}

static void
render_list(struct core *core, const struct list *list, const struct db_rows *rows,
	    const char *at_column, const char *number_column, list_render *render, struct buf *body)
{
	const struct list_span span = list_span(list, rows);
	struct list_key last = {0};
	struct jout out;

	list_begin(&out, body);
	for (size_t i = 0; i < span.count; i++)
		render(&out, rows, i);
	if (span.has_more) {
		last.number = db_i64(rows, span.last, number_column);
		if (at_column)
			last.at = db_i64(rows, span.last, at_column);
	}
	list_end(core, &out, list->kind, span.has_more, &last);
}

void
list_render_numbered(struct core *core, const struct list *list, const struct db_rows *rows,
		     const char *column, list_render *render, struct buf *body)
{
	render_list(core, list, rows, NULL, column, render, body);
}

void
list_render_timed(struct core *core, const struct list *list, const struct db_rows *rows,
		  const char *at_column, list_render *render, struct buf *body)
{
	render_list(core, list, rows, at_column, "id", render, body);
}
