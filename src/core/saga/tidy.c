#include "config.h"

#include "core/saga/tidy.h"

#include "base/arena.h"
#include "conf/config.h"
#include "base/uuid.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"

#define REQUEST_AGE_S 300 /* beyond the longest life of a request */
#define DRAFTS_MAX 20     /* each may have a hundred thousand seats */
#define KEY_AGE_S 86400   /* what clients are promised */
#define CLAIM_AGE_S 86400

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A read that takes two numbers. */
static enum err
read_two(struct core *core, const char *statement, int64_t first, int64_t second,
	 const struct db_rows **rows_r)
{
	struct db_params params;

	db_params_init(&params, core->arena);
	db_put_i64(&params, first);
	db_put_i64(&params, second);
	return db_read(core->db, statement, &params, core->arena, core->failure, rows_r);
}

/* A function that says how many rows it has pruned. */
static enum err
prune(struct core *core, const char *function, const struct db_params *params, struct tidy *tidy)
{
	struct outcome outcome;
	enum err err;

	err = outcome_do(core, function, params, &outcome);
	if (err == ERR_OK)
		tidy->rows = jin_get_i64(outcome.result, "pruned");
	return err;
}

static enum err
read_uuids(struct core *core, const struct db_rows *rows, const char *column, struct uuid **ids_r)
{
	struct uuid *ids = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*ids));

	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (!db_uuid(rows, i, column, &ids[i]))
			return fail_log(core->failure, CODE_INTERNAL, "a row without its %s",
					column);
	*ids_r = ids;
	return ERR_OK;
}

static int64_t *
read_shows(struct core *core, const struct db_rows *rows)
{
	int64_t *shows = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*shows));

	for (size_t i = 0; i < db_rows_count(rows); i++)
		shows[i] = db_i64(rows, i, "show_id");
	return shows;
}

/* --- drafts and slots --- */

/* A refusal leaves the show for somebody to look at. */
static enum err
call_for_show(struct core *core, const char *function, int64_t show_id, bool has_trace,
	      struct tidy *tidy)
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
		tidy->rows++;
	return err;
}

/* The slot decided: it is taken after the last seat was added, so a draft that has it is whole. */
static enum err
end_draft(struct core *core, int64_t show_id, struct tidy *tidy)
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
		return call_for_show(core, "show.show_publish", show_id, true, tidy);
	return call_for_show(core, "show.show_draft_delete", show_id, false, tidy);
}

enum err
tidy_drafts(struct core *core, struct tidy *tidy)
{
	const int64_t limit = least(tidy->limit, DRAFTS_MAX);
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, REQUEST_AGE_S + core->config->server_stuck_after_ms / 1000);
	db_put_i64(&params, limit);
	db_put_i64(&params, tidy->behind);
	err = db_read(core->db, "drafts_left", &params, core->arena, core->failure, &rows);
	for (size_t i = 0; err == ERR_OK && i < db_rows_count(rows); i++) {
		tidy->behind = db_i64(rows, i, "show_id");
		err = end_draft(core, tidy->behind, tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == limit;
	return err;
}

/* A slot is taken for a show that is there already, and a show once gone or cancelled does not come
 * back: what is looked for after its slot was seen and needs none has left the slot behind. The relay
 * frees those of a cancelled show, but a move that had read it before may take one after that, and
 * die. A show that moves has two slots, and is named once. */
enum err
tidy_slots(struct core *core, struct tidy *tidy)
{
	const struct db_rows *slots, *shows;
	struct db_params params;
	size_t next = 0;
	enum err err;

	err = read_two(core, "slots_behind", tidy->behind, tidy->limit, &slots);
	if (err != ERR_OK || db_rows_count(slots) == 0)
		return err;
	db_params_init(&params, core->arena);
	db_put_i64s(&params, read_shows(core, slots), db_rows_count(slots));
	err = db_read(core->db, "shows_with_hall", &params, core->arena, core->failure, &shows);
	for (size_t i = 0; err == ERR_OK && i < db_rows_count(slots); i++) {
		tidy->behind = db_i64(slots, i, "show_id");
		if (next < db_rows_count(shows) && db_i64(shows, next, "show_id") == tidy->behind)
			next++;
		else
			err = call_for_show(core, "directory.slot_free", tidy->behind, false, tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(slots) == tidy->limit;
	return err;
}

/* The show's own home says when it plays. */
static enum err
end_move(struct core *core, int64_t show_id, int64_t age_s, struct tidy *tidy)
{
	struct tidy dropped = {.rows = 0};
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	err = db_read(core->db, "show_for_change", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	db_params_init(&params, core->arena);
	db_put_i64(&params, show_id);
	db_put_time(&params, db_i64(rows, 0, "starts_at"));
	db_put_time(&params, db_i64(rows, 0, "ends_at"));
	db_put_i64(&params, age_s);
	err = prune(core, "directory.slots_keep", &params, &dropped);
	tidy->rows += dropped.rows;
	return err;
}

enum err
tidy_moves(struct core *core, struct tidy *tidy)
{
	const int64_t age_s = REQUEST_AGE_S + core->config->server_stuck_after_ms / 1000;
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, age_s);
	db_put_i64(&params, tidy->limit);
	db_put_i64(&params, tidy->behind);
	err = db_read(core->db, "slots_spare", &params, core->arena, core->failure, &rows);
	for (size_t i = 0; err == ERR_OK && i < db_rows_count(rows); i++) {
		tidy->behind = db_i64(rows, i, "show_id");
		err = end_move(core, tidy->behind, age_s, tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == tidy->limit;
	return err;
}

/* --- keys --- */

static enum err
prune_keys(struct core *core, const char *function, struct db_params *params, struct tidy *tidy)
{
	enum err err;

	db_put_i64(params, KEY_AGE_S);
	db_put_i64(params, tidy->limit);
	err = prune(core, function, params, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

enum err
tidy_show_keys(struct core *core, struct tidy *tidy)
{
	const struct db_rows *rows;
	struct db_params params;
	enum err err = read_two(core, "idempotency_old_shows", KEY_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	db_params_init(&params, core->arena);
	db_put_i64s(&params, read_shows(core, rows), db_rows_count(rows));
	return prune_keys(core, "show.idempotency_prune", &params, tidy);
}

enum err
tidy_account_keys(struct core *core, struct tidy *tidy)
{
	const struct db_rows *rows;
	struct db_params params;
	struct uuid *users;
	enum err err = read_two(core, "idempotency_old_users", KEY_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err != ERR_OK)
		return err;
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, db_rows_count(rows));
	return prune_keys(core, "account.idempotency_prune", &params, tidy);
}

/* --- accounts --- */

enum err
tidy_sessions(struct core *core, struct tidy *tidy)
{
	const int64_t age_s = core->config->batch_sessions_keep_s;
	struct uuid *users, *sessions;
	const struct db_rows *rows;
	struct db_params params;
	enum err err = read_two(core, "sessions_old", age_s, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err == ERR_OK)
		err = read_uuids(core, rows, "session_id", &sessions);
	if (err != ERR_OK)
		return err;
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, db_rows_count(rows));
	db_put_uuids(&params, sessions, db_rows_count(rows));
	db_put_i64(&params, age_s);
	err = prune(core, "account.sessions_prune", &params, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

/* Who of them has a claim, asked of the directory; the addresses are those of `rows`. */
static enum err
read_claimed(struct core *core, const struct db_rows *rows, struct uuid **claimed_r,
	     size_t *count_r)
{
	const size_t count = db_rows_count(rows);
	const char **emails = arena_calloc(core->arena, count + 1, sizeof(*emails));
	const struct db_rows *claims;
	struct db_params params;
	enum err err;

	for (size_t i = 0; i < count; i++)
		emails[i] = db_text(rows, i, "email");
	db_params_init(&params, core->arena);
	db_put_texts(&params, emails, count);
	err = db_read(core->db, "emails_claimed", &params, core->arena, core->failure, &claims);
	if (err == ERR_OK)
		err = read_uuids(core, claims, "user_id", claimed_r);
	if (err == ERR_OK)
		*count_r = db_rows_count(claims);
	return err;
}

enum err
tidy_signups(struct core *core, struct tidy *tidy)
{
	struct uuid *users, *claimed;
	const struct db_rows *rows;
	struct db_params params;
	size_t claims;
	enum err err = read_two(core, "signups_old", CLAIM_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err == ERR_OK)
		err = read_claimed(core, rows, &claimed, &claims);
	if (err != ERR_OK)
		return err;
	db_params_init(&params, core->arena);
	db_put_uuids(&params, users, db_rows_count(rows));
	db_put_uuids(&params, claimed, claims);
	db_put_i64(&params, CLAIM_AGE_S);
	err = prune(core, "account.signups_end", &params, tidy);
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == tidy->limit;
	return err;
}

enum err
tidy_login_failures(struct core *core, struct tidy *tidy)
{
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, core->config->auth_login_window_s);
	db_put_i64(&params, tidy->limit);
	err = prune(core, "directory.login_failures_prune", &params, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows == tidy->limit;
	return err;
}

/* --- the event log --- */

enum err
tidy_events(struct core *core, struct tidy *tidy)
{
	struct db_params params;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_i64(&params, core->config->batch_events_keep_days);
	err = prune(core, "log.partition_drop", &params, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}
