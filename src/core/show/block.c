#include "config.h"

#include "core/show/block.h"

#include "call/show.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/show/hold.h"
#include "core/show/show.h"
#include "db/db.h"
#include "json/jout.h"

enum err
block_seats(struct core *core, const struct block_request *request, bool is_blocked,
	    struct buf *body)
{
	static const char *const members[] = {"show_id", "seats", "changed", NULL};
	struct outcome outcome;
	enum err err = call_show_seats_block(core, request->show_id, request->seats->items,
					     request->seats->count, is_blocked, request->reason,
					     &request->actor, &outcome);

	if (err == ERR_OK)
		err = hold_check_seats(core, &outcome, request->seats);
	if (err != ERR_OK)
		return err;
	outcome_render(&outcome, members, body);
	return ERR_OK;
}

static void
render_block(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	jout_key_i64(out, "seat", db_i64(rows, row, "seat"));
	jout_key_text(out, "label", db_text(rows, row, "label"));
	jout_key_text(out, "section", db_text(rows, row, "section"));
	jout_key_text(out, "row", db_text(rows, row, "row"));
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
