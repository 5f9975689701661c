/*
 * boxoffice-release-holds: writes down which holds the clock has ended, and once a run keeps the event
 * log's partitions ahead and ends what requests left behind: drafts of shows and keys older than a
 * day. Seats of an ended hold can be taken without it; it only tidies.
 */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "core/outcome.h"
#include "core/tidy.h"
#include "db/db.h"
#include "json/jin.h"
#include "prog/batch.h"

#define PARTITION_DAYS 14
#define DRAFT_AGE_S 300 /* beyond the longest life of a request */
#define DRAFTS_MAX 100
#define KEY_AGE_S 86400 /* what clients are promised */
#define KEYS_MAX 5000

static enum err
make_partitions(struct batch_run *run)
{
	struct db_params params;
	struct outcome outcome;
	enum err err;

	db_params_init(&params, run->core.arena);
	db_put_i64(&params, PARTITION_DAYS);
	err = outcome_call(&run->core, "log.partitions_make", &params, &outcome);
	return err == ERR_OK ? outcome_check(&run->core, &outcome) : err;
}

static enum err
tidy(struct batch_run *run)
{
	const int64_t age_s = DRAFT_AGE_S + run->core.config->server_stuck_after_ms / 1000;
	int64_t published, deleted, pruned;
	enum err err = tidy_drafts(&run->core, age_s, DRAFTS_MAX, &published, &deleted);

	if (err == ERR_OK)
		err = tidy_keys(&run->core, KEY_AGE_S, KEYS_MAX, &pruned);
	if (err == ERR_OK && published + deleted + pruned > 0)
		log_members(LOG_LEVEL_INFO, "tidied",
			    arena_printf(run->core.arena,
					 "\"shows_published\":%lld,\"drafts_deleted\":%lld,"
					 "\"keys_pruned\":%lld",
					 (long long)published, (long long)deleted,
					 (long long)pruned));
	return err;
}

/* Of a bite of ended holds; those whose buyer or seats are busy stay for the next round. */
static enum err
expire(struct batch_run *run, const struct db_rows *rows, int64_t *released_r)
{
	const size_t count = db_rows_count(rows);
	struct arena *arena = run->core.arena;
	int64_t *shows = arena_calloc(arena, count, sizeof(*shows));
	struct uuid *holds = arena_calloc(arena, count, sizeof(*holds));
	struct db_params params;
	struct outcome outcome;
	enum err err;

	for (size_t i = 0; i < count; i++) {
		shows[i] = db_i64(rows, i, "show_id");
		if (!db_uuid(rows, i, "hold_id", &holds[i]))
			return fail_log(run->core.failure, CODE_INTERNAL, "a hold without id");
	}
	db_params_init(&params, arena);
	db_put_i64s(&params, shows, count);
	db_put_uuids(&params, holds, count);
	err = outcome_call(&run->core, "show.holds_expire", &params, &outcome);
	if (err == ERR_OK)
		err = outcome_check(&run->core, &outcome);
	if (err == ERR_OK)
		*released_r = jin_get_i64(outcome.result, "released");
	return err;
}

static enum err
release_round(struct batch_run *run, bool *more_r)
{
	const int64_t limit = run->core.config->batch_sweep_batch;
	static bool is_tidied;
	const struct db_rows *rows;
	struct db_params params;
	int64_t released = 0;
	enum err err;

	if (!is_tidied) {
		err = make_partitions(run);
		if (err != ERR_OK)
			return err;
		is_tidied = true;
		/* The holds come first: what cannot be tidied waits for the next run. */
		if (tidy(run) != ERR_OK)
			batch_log_failure(run, "could not tidy");
	}
	db_params_init(&params, run->core.arena);
	db_put_i64(&params, limit);
	err = db_read(run->core.db, "holds_expired", &params, run->core.arena, run->core.failure,
		      &rows);
	if (err == ERR_OK && db_rows_count(rows) > 0)
		err = expire(run, rows, &released);
	if (err != ERR_OK)
		return err;
	if (released > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "holds released",
			    arena_printf(run->core.arena, "\"released\":%lld,\"found\":%zu",
					 (long long)released, db_rows_count(rows)));
	*more_r = released > 0 && (released < (int64_t)db_rows_count(rows) ||
				   (int64_t)db_rows_count(rows) == limit);
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	static const struct batch batch = {
		.name = "boxoffice-release-holds",
		.summary = "Writes down which holds have expired and puts their seats back.",
		.round = release_round,
	};

	return batch_main(argc, argv, &batch);
}
