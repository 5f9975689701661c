#include "config.h"

#include "core/saga/tidy.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "call/account.h"
#include "call/directory.h"
#include "call/log.h"
#include "call/show.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"

#define REQUEST_AGE_S 300 /* longer than any request lives */
#define DRAFTS_MAX 20     /* each draft may have a hundred thousand seats */
#define KEY_AGE_S 86400   /* the time promised to clients */
#define CLAIM_AGE_S 86400

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
tidy_request_age_s(const struct core *core)
{
	return REQUEST_AGE_S + core->config->server_stuck_after_ms / 1000;
}

/* Call this after a function that reports how many rows it pruned. */
static enum err
pruned(struct core *core, enum err err, struct outcome *outcome, struct tidy *tidy)
{
	err = outcome_accept(core, err, outcome);
	if (err == ERR_OK)
		tidy->rows = jin_get_i64(outcome_result(outcome), "pruned");
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

/* --- drafts and slots --- */

/* Call this after a function that ends something of a show. It does not count a refusal, which
 * stays for somebody to look at. */
static enum err
ended(enum err err, struct outcome *outcome, struct tidy *tidy)
{
	if (err == ERR_OK && outcome_is(outcome, "ok"))
		tidy->rows++;
	return err;
}

/* The slot decides. A draft that has it is published if it has all its seats; if not, it is a large
 * show that boxoffice-open-close-shows finishes, until its time has come. */
static enum err
end_draft(struct core *core, int64_t show_id, bool is_over, struct tidy *tidy)
{
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_directory_slot_of_show(core, core->db, show_id, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) > 0) {
		err = call_show_show_publish(core, show_id, &outcome);
		if (err != ERR_OK || !outcome_is(&outcome, "not_found") || !is_over)
			return ended(err, &outcome, tidy);
		err = call_directory_slot_free(core, show_id, &outcome);
	}
	if (err == ERR_OK)
		err = call_show_show_draft_delete(core, show_id, &outcome);
	return ended(err, &outcome, tidy);
}

enum err
tidy_drafts(struct core *core, struct tidy *tidy)
{
	const int64_t limit = least(tidy->limit, DRAFTS_MAX);
	const struct db_rows *rows;
	enum err err = read_show_drafts_left(core, core->db, tidy_request_age_s(core), limit,
					     tidy->behind, &rows);

	for (size_t i = 0; err == ERR_OK && i < db_rows_count(rows); i++) {
		tidy->behind = db_i64(rows, i, "show_id");
		err = end_draft(core, tidy->behind, db_bool(rows, i, "is_over"), tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == limit;
	return err;
}

/* Frees slots whose shows do not need them.
 *
 * A slot is taken only for a show that exists, and a deleted or cancelled show never comes back. So
 * this reads the slots first and their shows after that: a slot whose show is gone or cancelled by
 * then was left behind. The relay frees the slots of a cancelled show, but a move that
 * read the show before the cancellation may take a slot after it and die. A moving show has two
 * slots and is named once. */
enum err
tidy_slots(struct core *core, struct tidy *tidy)
{
	const struct db_rows *slots, *shows;
	struct outcome outcome;
	size_t next = 0;
	enum err err =
		read_directory_slots_behind(core, core->db, tidy->behind, tidy->limit, &slots);

	if (err != ERR_OK || db_rows_count(slots) == 0)
		return err;
	err = read_show_shows_with_hall(core, core->db, read_numbers(core, slots, "show_id"),
					db_rows_count(slots), &shows);
	for (size_t i = 0; err == ERR_OK && i < db_rows_count(slots); i++) {
		tidy->behind = db_i64(slots, i, "show_id");
		if (next < db_rows_count(shows) && db_i64(shows, next, "show_id") == tidy->behind) {
			next++;
			continue;
		}
		err = call_directory_slot_free(core, tidy->behind, &outcome);
		err = ended(err, &outcome, tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(slots) == tidy->limit;
	return err;
}

/* The home of the show knows when it plays. */
static enum err
end_move(struct core *core, int64_t show_id, int64_t age_s, struct tidy *tidy)
{
	struct tidy dropped = {.rows = 0};
	struct outcome outcome;
	const struct db_rows *rows;
	enum err err = read_show_show_for_change(core, core->db, show_id, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = call_directory_slots_keep(core, show_id, db_i64(rows, 0, "starts_at"),
					db_i64(rows, 0, "ends_at"), age_s, &outcome);
	err = pruned(core, err, &outcome, &dropped);
	tidy->rows += dropped.rows;
	return err;
}

enum err
tidy_moves(struct core *core, struct tidy *tidy)
{
	const int64_t age_s = tidy_request_age_s(core);
	const struct db_rows *rows;
	enum err err =
		read_directory_slots_spare(core, core->db, age_s, tidy->limit, tidy->behind, &rows);

	for (size_t i = 0; err == ERR_OK && i < db_rows_count(rows); i++) {
		tidy->behind = db_i64(rows, i, "show_id");
		err = end_move(core, tidy->behind, age_s, tidy);
	}
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == tidy->limit;
	return err;
}

/* --- holds --- */

enum err
tidy_holds(struct core *core, struct tidy *tidy)
{
	const int64_t age_days = core->config->batch_holds_keep_days;
	const struct db_rows *rows;
	struct outcome outcome;
	struct uuid *holds;
	size_t count;
	enum err err = read_show_holds_ended(core, core->db, age_days, tidy->limit, &rows);

	count = err == ERR_OK ? db_rows_count(rows) : 0;
	if (count == 0)
		return err;
	err = read_uuids(core, rows, "hold_id", &holds);
	if (err != ERR_OK)
		return err;
	err = call_show_holds_prune(core, read_numbers(core, rows, "show_id"), count, holds, count,
				    age_days, &outcome);
	err = pruned(core, err, &outcome, tidy);
	/* Those that stay are not found again. */
	tidy->has_more = err == ERR_OK && (int64_t)count == tidy->limit;
	return err;
}

/* --- keys --- */

enum err
tidy_show_keys(struct core *core, struct tidy *tidy)
{
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err =
		read_show_idempotency_old_shows(core, core->db, KEY_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = call_show_idempotency_prune(core, read_numbers(core, rows, "show_id"),
					  db_rows_count(rows), KEY_AGE_S, tidy->limit, &outcome);
	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

enum err
tidy_account_keys(struct core *core, struct tidy *tidy)
{
	const struct db_rows *rows;
	struct outcome outcome;
	struct uuid *users;
	enum err err =
		read_account_idempotency_old_users(core, core->db, KEY_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err != ERR_OK)
		return err;
	err = call_account_idempotency_prune(core, users, db_rows_count(rows), KEY_AGE_S,
					     tidy->limit, &outcome);
	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

enum err
tidy_directory_keys(struct core *core, struct tidy *tidy)
{
	struct outcome outcome;
	enum err err = call_directory_requests_prune(core, KEY_AGE_S, tidy->limit, &outcome);

	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows == tidy->limit;
	return err;
}

/* --- accounts --- */

enum err
tidy_sessions(struct core *core, struct tidy *tidy)
{
	const int64_t age_s = core->config->batch_sessions_keep_s;
	struct uuid *users, *sessions;
	const struct db_rows *rows;
	struct outcome outcome;
	enum err err = read_account_sessions_old(core, core->db, age_s, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err == ERR_OK)
		err = read_uuids(core, rows, "session_id", &sessions);
	if (err != ERR_OK)
		return err;
	err = call_account_sessions_prune(core, users, db_rows_count(rows), sessions,
					  db_rows_count(rows), age_s, &outcome);
	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

enum err
tidy_login_addresses(struct core *core, struct tidy *tidy)
{
	const int64_t age_days = core->config->auth_known_days;
	const struct db_rows *rows;
	struct outcome outcome;
	struct uuid *users;
	enum err err =
		read_account_login_addresses_old(core, core->db, age_days, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err != ERR_OK)
		return err;
	err = call_account_login_addresses_prune(core, users, db_rows_count(rows), age_days,
						 &outcome);
	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}

/* Asks the directory which of the accounts in `rows` have claimed their addresses. */
static enum err
read_claimed(struct core *core, const struct db_rows *rows, struct uuid **claimed_r,
	     size_t *count_r)
{
	const size_t count = db_rows_count(rows);
	const char **emails = arena_calloc(core->arena, count + 1, sizeof(*emails));
	const struct db_rows *claims;
	enum err err;

	for (size_t i = 0; i < count; i++)
		emails[i] = db_text(rows, i, "email");
	err = read_directory_emails_claimed(core, core->db, emails, count, &claims);
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
	struct outcome outcome;
	size_t claims;
	enum err err = read_account_signups_old(core, core->db, CLAIM_AGE_S, tidy->limit, &rows);

	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	err = read_uuids(core, rows, "user_id", &users);
	if (err == ERR_OK)
		err = read_claimed(core, rows, &claimed, &claims);
	if (err != ERR_OK)
		return err;
	err = call_account_signups_end(core, users, db_rows_count(rows), claimed, claims,
				       CLAIM_AGE_S, &outcome);
	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && (int64_t)db_rows_count(rows) == tidy->limit;
	return err;
}

enum err
tidy_login_failures(struct core *core, struct tidy *tidy)
{
	struct outcome outcome;
	enum err err = call_directory_login_failures_prune(core, core->config->auth_login_window_s,
							   tidy->limit, &outcome);

	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows == tidy->limit;
	return err;
}

/* --- the event log --- */

enum err
tidy_events(struct core *core, struct tidy *tidy)
{
	struct outcome outcome;
	enum err err =
		call_log_partition_drop(core, core->config->batch_events_keep_days, &outcome);

	err = pruned(core, err, &outcome, tidy);
	tidy->has_more = err == ERR_OK && tidy->rows > 0;
	return err;
}
