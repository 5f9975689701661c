/*
 * boxoffice-release-holds: writes down which holds the clock has ended, and keeps the event log's
 * partitions ahead. Seats of an ended hold can be taken without it; it only tidies.
 */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "prog/batch.h"

#define PARTITION_DAYS 14

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
	static bool are_partitions_made;
	const struct db_rows *rows;
	struct db_params params;
	int64_t released = 0;
	enum err err;

	if (!are_partitions_made && (err = make_partitions(run)) != ERR_OK)
		return err;
	are_partitions_made = true;
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
