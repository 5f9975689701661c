#include "config.h"

#include "core/tidy.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

/* --- drafts --- */

/* `*count` rises when it went well. A refusal leaves the draft for somebody to look at. */
static enum err
call_for_show(struct core *core, const char *function, int64_t show_id, bool has_trace,
	      int64_t *count)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	if (has_trace)
		db_put_text(&params, core->traceparent);
	err = outcome_call(core, function, &params, &outcome);
	if (err == ERR_OK && outcome_is(&outcome, "ok"))
		++*count;
	return err;
}

/* The slot decided: it is taken after the last seat was added, so a draft that has it is whole. */
static enum err
end_draft(struct core *core, int64_t show_id, int64_t *published, int64_t *deleted)
{
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	err = db_read(core->db, "slot_of_show", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) > 0)
		return call_for_show(core, "show.show_publish", show_id, true, published);
	return call_for_show(core, "show.show_draft_delete", show_id, false, deleted);
}

enum err
tidy_drafts(struct core *core, int64_t age_s, int64_t limit, int64_t *published_r,
	    int64_t *deleted_r)
{
	int64_t published = 0, deleted = 0;
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, age_s);
	db_put_i64(&params, limit);
	err = db_read(core->db, "drafts_left", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < db_rows_count(rows) && err == ERR_OK; i++)
		err = end_draft(core, db_i64(rows, i, "show_id"), &published, &deleted);
	*published_r = published;
	*deleted_r = deleted;
	return err;
}

/* --- keys --- */

static enum err
prune(struct core *core, const char *function, struct db_params *params, int64_t age_s,
      int64_t limit, int64_t *pruned)
{
	struct outcome outcome;
	enum err err;

	db_put_i64(params, age_s);
	db_put_i64(params, limit);
	err = outcome_call(core, function, params, &outcome);
	if (err == ERR_OK)
		err = outcome_check(core, &outcome);
	if (err == ERR_OK)
		*pruned += jin_get_i64(outcome.result, "pruned");
	return err;
}

static enum err
read_old(struct core *core, const char *statement, int64_t age_s, int64_t limit,
	 const struct db_rows **rows_r)
{
	struct db_params params;

	db_params_init(&params, core->arena);
	db_put_i64(&params, age_s);
	db_put_i64(&params, limit);
	return db_read(core->db, statement, &params, core->arena, core->failure, rows_r);
}

static enum err
prune_shows(struct core *core, int64_t age_s, int64_t limit, int64_t *pruned)
{
	const struct db_rows *rows;
	struct db_params params;
	int64_t *shows;
	enum err err = read_old(core, "idempotency_old_shows", age_s, limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	shows = arena_calloc(core->arena, db_rows_count(rows), sizeof(*shows));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		shows[i] = db_i64(rows, i, "show_id");
	db_params_init(&params, core->arena);
	db_put_i64s(&params, shows, db_rows_count(rows));
	return prune(core, "show.idempotency_prune", &params, age_s, limit, pruned);
}

static enum err
prune_users(struct core *core, int64_t age_s, int64_t limit, int64_t *pruned)
{
	const struct db_rows *rows;
	struct db_params params;
	struct uuid *users;
	enum err err = read_old(core, "idempotency_old_users", age_s, limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	users = arena_calloc(core->arena, db_rows_count(rows), sizeof(*users));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (!db_uuid(rows, i, "user_id", &users[i]))
			return fail_log(core->failure, CODE_INTERNAL, "a key without its user");
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, db_rows_count(rows));
	return prune(core, "account.idempotency_prune", &params, age_s, limit, pruned);
}

enum err
tidy_keys(struct core *core, int64_t age_s, int64_t limit, int64_t *pruned_r)
{
	int64_t pruned = 0;
	enum err err = prune_shows(core, age_s, limit, &pruned);

	if (err == ERR_OK)
		err = prune_users(core, age_s, limit, &pruned);
	*pruned_r = pruned;
	return err;
}
