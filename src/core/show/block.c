#include "config.h"

#include "core/show/block.h"

#include "call/show.h"
#include "core/core.h"
#include "core/show/hold.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/show/show.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

static void
render_seats(struct jout *out, const char *key, const struct jval *seats)
{
	jout_key(out, key);
	jout_array(out);
	for (size_t i = 0; i < jin_array_length(seats); i++)
		jout_i64(out, jin_i64(jin_array_at(seats, i)));
	jout_end(out);
}

enum err
block_seats(struct core *core, const struct block_request *request, bool is_blocked,
	    struct buf *body)
{
	struct outcome outcome;
	struct jout out;
	enum err err = call_show_seats_block(core, request->show_id, request->seats->items,
					     request->seats->count, is_blocked, request->reason,
					     &request->actor, &outcome);

	if (err == ERR_OK)
		err = hold_check_seats(core, &outcome, request->seats);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "show_id", jin_get_i64(outcome_result(&outcome), "show_id"));
	render_seats(&out, "seats", jin_get(outcome_result(&outcome), "seats"));
	render_seats(&out, "changed", jin_get(outcome_result(&outcome), "changed"));
	jout_end(&out);
	return ERR_OK;
}

static void
render_block(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	jout_key_i64(out, "seat", db_i64(rows, row, "seat"));
	jout_key_text(out, "label", db_text(rows, row, "label"));
	jout_key_text(out, "reason", db_text(rows, row, "reason"));
	jout_key_text(out, "blocked_by", db_text(rows, row, "blocked_by"));
	jout_key_time(out, "blocked_at", db_i64(rows, row, "blocked_at"));
	jout_end(out);
}

enum err
block_list(struct core *core, int64_t show_id, const struct list *list, struct buf *body)
{
	const struct db_rows *rows;
	enum err err = read_show_blocks(core, core->read_db, show_id, list_number(list),
					list_rows(list), &rows);

	if (err == ERR_OK)
		err = show_check(core, show_id, rows);
	if (err != ERR_OK)
		return err;
	list_render_numbered(core, list, rows, "seat", render_block, body);
	return ERR_OK;
}
