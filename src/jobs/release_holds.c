/*
 * boxoffice-release-holds: writes down which holds the clock has ended, and once a run keeps the event
 * log's partitions ahead. Seats of an ended hold can be taken without it; it only tidies.
 */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "conf/config.h"
#include "base/log.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "run/job.h"

#define PARTITION_DAYS 14

/* The hold that the pass has come to: expiry as the database writes it. */
struct place {
	char expires_at[64];
	struct uuid hold_id;
};

struct release {
	struct place place;
	bool has_partitions; /* of the event log, ahead: made once, in the first round */
};

static void
begin_pass(void *state)
{
	struct release *release = state;

	release->place = (struct place){.expires_at = "-infinity"};
}

static enum err
make_partitions(struct run *run)
{
	struct db_params params;
	struct outcome outcome;

	db_params_init(&params, run->core.arena);
	db_put_i64(&params, PARTITION_DAYS);
	return outcome_do(&run->core, "log.partitions_make", &params, &outcome);
}

static enum err
read_ended(struct run *run, const struct place *place, const struct db_rows **rows_r)
{
	struct db_params params;

	db_params_init(&params, run->core.arena);
	db_put_i64(&params, run->core.config->batch_sweep_batch);
	db_put_text(&params, place->expires_at);
	db_put_uuid(&params, &place->hold_id);
	return db_read(run->core.db, "holds_expired", &params, run->core.arena, run->core.failure,
		       rows_r);
}

/* Of a bite of ended holds; those whose buyer or seats are busy stay for the next pass. `*seen_r`: so
 * many of them were looked at before the transaction had all the seats that it may have. */
static enum err
expire(struct run *run, const struct db_rows *rows, int64_t *released_r, size_t *seen_r)
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
	err = outcome_do(&run->core, "show.holds_expire", &params, &outcome);
	if (err != ERR_OK)
		return err;
	*released_r = jin_get_i64(outcome_result(&outcome), "released");
	*seen_r = (size_t)(*released_r + jin_get_i64(outcome_result(&outcome), "skipped"));
	if (*seen_r < 1 || *seen_r > count)
		return fail_log(run->core.failure, CODE_INTERNAL, "a hold of too many seats");
	return ERR_OK;
}

static enum err
release_round(struct run *run, void *state, struct job_round *round)
{
	struct release *release = state;
	struct place *place = &release->place;
	const struct db_rows *rows;
	int64_t released = 0;
	size_t seen = 0;
	enum err err;

	err = release->has_partitions ? ERR_OK : make_partitions(run);
	if (err == ERR_OK) {
		release->has_partitions = true;
		err = read_ended(run, place, &rows);
	}
	if (err == ERR_OK && db_rows_count(rows) > 0)
		err = expire(run, rows, &released, &seen);
	if (err != ERR_OK)
		return err;
	if (seen > 0) {
		snprintf(place->expires_at, sizeof(place->expires_at), "%s",
			 db_text(rows, seen - 1, "expires_at"));
		(void)db_uuid(rows, seen - 1, "hold_id", &place->hold_id);
	}
	round->rows += released;
	if (released > 0 || run->is_verbose)
		log_members(LOG_LEVEL_INFO, "holds released",
			    arena_printf(run->core.arena, "\"released\":%lld,\"found\":%zu",
					 (long long)released, seen));
	round->has_more =
		seen < db_rows_count(rows) || (int64_t)seen == run->core.config->batch_sweep_batch;
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	struct release release = {.has_partitions = false};
	const struct job job = {
		.name = "boxoffice-release-holds",
		.summary = "Writes down which holds have expired and puts their seats back.",
		.state = &release,
		.begin_pass = begin_pass,
		.work = release_round,
	};

	return job_main(argc, argv, &job);
}
