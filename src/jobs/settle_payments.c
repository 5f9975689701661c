/*
 * boxoffice-settle-payments: ends payments that a request left behind (a crash, a lost answer),
 * closes the paid orders of cancelled shows and brings back the money of closed orders.
 * core/payment.h and core/cancel.h say how; each payment is on its own, and after some tries it is
 * left to an operator.
 */
#include "config.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/config.h"
#include "base/log.h"
#include "core/saga/cancel.h"
#include "core/saga/payment.h"
#include "run/batch.h"

#define PAYMENT_TIMEOUT_MS 10000
#define ITEM_MEMORY ((size_t)1 << 20)

/* Of a failure `why`, NULL at the end of failures. The database may be what failed: then no try is
 * counted. */
static void
count_try(struct core *core, const struct payment_row *row, const char *why)
{
	struct failure failure;

	failure_init(&failure, core->arena);
	core_begin(core, core->arena, &failure, NULL, clock_mono_ms() + PAYMENT_TIMEOUT_MS);
	if (payment_tried(core, row->show_id, &row->payment_id, why) != ERR_OK)
		log_error("could not count a try of settling");
}

/* One payment in memory of its own; true when it has come to an end. */
static bool
settle(struct batch_run *run, const struct payment_row *row)
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
		const char *why =
			failure.log_detail ? failure.log_detail : code_info(failure.code)->title;

		log_error("payment %s of show %lld could not be settled (try %lld): %s", id,
			  (long long)row->show_id, (long long)row->tries + 1, why);
		count_try(&core, row, why);
	}
	if (err == ERR_OK && row->tries > 0)
		count_try(&core, row, NULL);
	arena_free(arena);
	return err == ERR_OK;
}

/* A payment is tried once in a pass, and what fails keeps nothing behind it waiting: the pass goes on
 * and has failed in the end. */
static enum err
settle_round(struct batch_run *run, bool *more_r)
{
	static struct payment_place payments;
	static struct cancel_place orders;
	static size_t failed;
	const struct config *config = run->core.config;
	const struct payment_row *rows;
	size_t count, settled = 0, found = 0, cancelled = 0;
	bool is_full;
	enum err err;

	if (run->is_first) {
		payments = (struct payment_place){.since = ""};
		orders = (struct cancel_place){0, 0};
		failed = 0;
	}
	err = payment_unfinished(&run->core, config->batch_settle_after_s,
				 config->batch_settle_batch, config->batch_settle_tries, &payments,
				 &rows, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && !batch_is_stopping(); i++)
		settled += settle(run, &rows[i]);
	failed += count - settled;
	/* No faster than the money goes back. */
	is_full = (int64_t)count == config->batch_settle_batch;
	if (!is_full && !batch_is_stopping()) {
		err = cancel_orders_of_shows(&run->core, &orders, &found, &cancelled);
		if (err != ERR_OK && found == 0)
			return err;
		if (err != ERR_OK) {
			batch_log_failure(run, "could not close orders of a cancelled show");
			failed++;
		}
	}
	run->rows += (int64_t)(settled + cancelled);
	if (run->is_verbose)
		log_members(LOG_LEVEL_INFO, "payments looked at",
			    arena_printf(run->core.arena,
					 "\"found\":%zu,\"settled\":%zu,\"cancelled\":%zu", count,
					 settled, cancelled));
	*more_r = is_full || found > 0;
	if (!*more_r && failed > 0 && !batch_is_stopping())
		return fail_log(run->core.failure, CODE_INTERNAL,
				"%zu payments or orders could not be brought to their end", failed);
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	static const struct batch batch = {
		.name = "boxoffice-settle-payments",
		.summary = "Ends payments that a request left behind.",
		.round = settle_round,
	};

	return batch_main(argc, argv, &batch);
}
