/*
 * boxoffice-settle-payments: ends payments that a request left behind (a crash, a lost answer),
 * ends the holds and orders of cancelled shows and returns the money of closed orders.
 * core/saga/payment.h, core/saga/order_cancel.h and core/show/sweep.h say how. Each payment is
 * settled by itself. After some tries it is left to an operator.
 */
#include "config.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/saga/order_cancel.h"
#include "core/saga/payment.h"
#include "core/show/sweep.h"
#include "run/job.h"
#include "run/signals.h"

#define PAYMENT_TIMEOUT_MS 10000
#define ITEM_MEMORY ((size_t)1 << 20)

/* Counts a failed try and its reason. A `why` of NULL resets the count. While the
 * database is away nothing can be counted. */
static void
count_try(struct core *core, const struct payment_row *row, const char *why)
{
	struct failure failure;

	failure_init(&failure, core->arena);
	core_begin(core, core->arena, &failure, NULL, clock_mono_ms() + PAYMENT_TIMEOUT_MS);
	if (payment_tried(core, row->show_id, &row->payment_id, why, row->tries) != ERR_OK)
		log_error("could not count a try of settling");
}

/* Settles one payment in its own memory. Returns true when the payment has ended. */
static bool
settle(struct run *run, const struct payment_row *row)
{
	struct core core = run->core;
	struct arena *arena = arena_new(ITEM_MEMORY);
	struct failure failure;
	char id[UUID_TEXT_SIZE];
	enum payment_end end;
	enum err err;

	failure_init(&failure, arena);
	core_begin(&core, arena, &failure, NULL, clock_mono_ms() + PAYMENT_TIMEOUT_MS);
	uuid_format(&row->payment_id, id);
	err = payment_settle(&core, row, &end);
	if (err == ERR_OK) {
		log_members(LOG_LEVEL_INFO, "payment settled",
			    arena_printf(arena,
					 "\"show_id\":%lld,\"payment_id\":\"%s\",\"end\":\"%s\"",
					 (long long)row->show_id, id, payment_end_name(end)));
	} else {
		const char *why = failure_reason(&failure);

		log_error("payment %s of show %lld could not be settled (try %lld): %s", id,
			  (long long)row->show_id, (long long)row->tries + 1, why);
		count_try(&core, row, why);
	}
	if (err == ERR_OK && row->tries > 0)
		count_try(&core, row, NULL);
	arena_free(arena);
	return err == ERR_OK;
}

struct settling {
	struct payment_place payments;
	struct order_cancel_place orders;
	struct sweep_place holds;
	size_t failed;
};

static void
begin_pass(void *state)
{
	*(struct settling *)state = (struct settling){.payments = {.since = ""}};
}

/* Ends live holds of cancelled shows, and their pending orders. */
static enum err
end_holds(struct run *run, struct settling *settling, struct job_round *round)
{
	struct sweep_holds swept;
	enum err err = sweep_holds_off(&run->core, run->config->batch_sweep_batch, &settling->holds,
				       &swept);

	if (err != ERR_OK)
		return err;
	round->rows += swept.released;
	round->has_more |= swept.has_more;
	return ERR_OK;
}

/* A payment is tried once in a pass. A failed payment delays no other: the pass goes on and fails
 * at its end. */
static enum err
settle_round(struct run *run, void *state, struct job_round *round)
{
	struct settling *settling = state;
	const struct config *config = run->core.config;
	const struct payment_row *rows;
	size_t count, settled = 0, found = 0, cancelled = 0;
	bool is_full;
	enum err err;

	err = payment_unfinished(&run->core, config->batch_settle_after_s,
				 config->batch_settle_batch, config->batch_settle_tries,
				 &settling->payments, &rows, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && !signals_is_stopping(); i++)
		settled += settle(run, &rows[i]);
	settling->failed += count - settled;
	/* Orders close only while few payments wait, so they close no faster than the money
	 * returns. */
	is_full = (int64_t)count == config->batch_settle_batch;
	if (!is_full && !signals_is_stopping()) {
		/* It has a deadline of its own, not what the last payment has left. */
		run_begin(run, PAYMENT_TIMEOUT_MS);
		err = order_cancel_of_shows(&run->core, &settling->orders, &found, &cancelled);
		if (err != ERR_OK && found == 0)
			return err;
		if (err != ERR_OK) {
			run_log_failure(run, "could not close orders of a cancelled show");
			settling->failed++;
		}
	}
	round->rows += (int64_t)(settled + cancelled);
	if (run->is_verbose)
		log_members(LOG_LEVEL_INFO, "payments looked at",
			    arena_printf(run->core.arena,
					 "\"found\":%zu,\"settled\":%zu,\"cancelled\":%zu", count,
					 settled, cancelled));
	round->has_more = is_full || found > 0;
	err = end_holds(run, settling, round);
	if (err != ERR_OK)
		return err;
	if (!round->has_more && settling->failed > 0 && !signals_is_stopping())
		return fail_log(run->core.failure, CODE_INTERNAL,
				"%zu payments or orders could not be brought to their end",
				settling->failed);
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	struct settling settling;
	const struct job job = {
		.name = "boxoffice-settle-payments",
		.dsn = RUN_DSN(database_batch_dsn),
		.summary = "Ends payments that a request left behind.",
		.state = &settling,
		.begin_pass = begin_pass,
		.work = settle_round,
	};

	return job_main(argc, argv, &job);
}
