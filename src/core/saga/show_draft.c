#include "config.h"

#include "core/saga/show_draft.h"

#include "base/buf.h"
#include "call/directory.h"
#include "call/show.h"
#include "core/core.h"
#include "core/directory/layout.h"
#include "core/outcome.h"
#include "core/read.h"
#include "core/show/show.h"
#include "db/db.h"
#include "json/jin.h"

/* Do this before adding the seats: boxoffice-prune may publish a draft that has all its seats. */
static enum err
add_plan(struct core *core, int64_t show_id, int64_t layout_id)
{
	struct outcome outcome;
	struct buf bytes;
	enum err err;

	buf_init(&bytes, core->arena);
	err = layout_plan(core, layout_id, &bytes);
	if (err != ERR_OK)
		return err;
	err = call_show_plan_add(core, show_id, bytes.data, bytes.len, &outcome);
	return outcome_accept(core, err, &outcome);
}

/* Passes the arrays from one home to the other unparsed. `first_r`: the first seat of the next
 * chunk. */
static enum err
add_chunk(struct core *core, int64_t show_id, int64_t layout_id, int64_t first, int64_t *first_r)
{
	const char *labels, *grades, *sections, *names;
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_directory_layout_seat_chunk(core, core->db, layout_id, first, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0)
		return fail_log(core->failure, CODE_INTERNAL, "a layout is gone");
	labels = db_text(rows, 0, "labels");
	grades = db_text(rows, 0, "grades");
	sections = db_text(rows, 0, "sections");
	names = db_text(rows, 0, "rows");
	err = call_show_show_seats_add(core, show_id, first, &labels, DB_TEXTS_AS_READ, &grades,
				       DB_TEXTS_AS_READ, &sections, DB_TEXTS_AS_READ, &names,
				       DB_TEXTS_AS_READ, &outcome);
	*first_r = first + db_i64(rows, 0, "seats");
	return outcome_accept(core, err, &outcome);
}

enum err
show_draft_fill(struct core *core, int64_t show_id, int64_t layout_id, int64_t capacity)
{
	int64_t first = 0;
	enum err err = add_plan(core, show_id, layout_id);

	while (err == ERR_OK && first < capacity)
		err = add_chunk(core, show_id, layout_id, first, &first);
	return err;
}

enum err
show_draft_publish(struct core *core, int64_t show_id)
{
	struct outcome outcome;
	enum err err = call_show_show_publish(core, show_id, &outcome);

	if (err == ERR_OK && !outcome_is(&outcome, "ok"))
		err = fail_log(core->failure, CODE_INTERNAL, "show %lld could not be published",
			       (long long)show_id);
	return err;
}

void
show_draft_drop(struct core *core, int64_t show_id)
{
	struct outcome outcome;
	struct failure aside;
	struct core unrecorded = core_aside(core, &aside);

	if (call_show_show_draft_delete(&unrecorded, show_id, &outcome) != ERR_OK)
		return;
}

/* The next step of a draft that has `added` seats. */
static enum err
advance(struct core *core, int64_t show_id, int64_t layout_id, int64_t capacity, int64_t *added)
{
	enum err err = ERR_OK;

	if (*added == 0)
		err = add_plan(core, show_id, layout_id);
	if (err == ERR_OK && *added < capacity)
		err = add_chunk(core, show_id, layout_id, *added, added);
	if (err == ERR_OK && *added == capacity)
		err = show_draft_publish(core, show_id);
	return err;
}

enum err
show_draft_finish(struct core *core, int64_t *behind, bool *is_finished_r)
{
	const struct db_rows *draft, *slot;
	int64_t show_id, capacity, added;
	enum err err = read_show_draft_large(core, core->db, SHOW_SEATS_AT_ONCE, *behind, &draft);

	if (err != ERR_OK)
		return err;
	*is_finished_r = false;
	if (db_rows_count(draft) == 0) {
		*behind = INT32_MAX;
		return ERR_OK;
	}
	show_id = db_i64(draft, 0, "show_id");
	capacity = db_i64(draft, 0, "capacity");
	added = db_i64(draft, 0, "added");
	err = read_directory_slot_of_show(core, core->db, show_id, &slot);
	if (err == ERR_OK && db_rows_count(slot) > 0) {
		err = advance(core, show_id, db_i64(draft, 0, "layout_id"), capacity, &added);
		*is_finished_r = err == ERR_OK && added == capacity;
		if (err == ERR_OK && !*is_finished_r)
			return ERR_OK;
	}
	*behind = show_id;
	return err;
}
