/*
 * boxoffice-relay: follows the event log and gives each consumer (consumer.h) its events. One relay
 * leads, by a lock on its session. The others wait.
 *
 * A cycle asks which transactions have ended and lets each consumer read up to there. The cursor of
 * a consumer passes an event only when the event was handled or put aside for a later try
 * (delivery.h). A relay that is killed in between begins again at the old place. Handling an event
 * twice is harmless, so nothing is lost. Consumers do not wait for each other.
 *
 * The log is read in windows of transactions [from, to). All of them have ended, so no event can
 * still appear there. Inside a window events have the order of their ids, so the whole window is
 * read and sorted. To keep that cheap after an outage, a window is no longer than a bite or two
 * (eventlog_window_end()).
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/config.h"
#include "core/log/eventlog.h"
#include "relay/consumer.h"
#include "relay/delivery.h"
#include "relay/relay_report.h"
#include "run/options.h"
#include "run/run.h"
#include "run/signals.h"

#define CYCLE_TIMEOUT_MS 60000
#define TICK_EVERY_MS 1000
#define REPORT_EVERY_MS 5000
#define AWAY_PAUSE_MS 500 /* while the database is away */
#define BITES_MAX 50      /* of one consumer in a cycle, so that the others get their turn */
#define STATE_BITES 50    /* taken as one by a consumer of states: its events have no payload */
/* The cursor is written at least this often, even when nothing was read: it shows how far behind
 * the relay is. */
#define CURSOR_EVERY_MS 10000

/* A consumer and its progress. */
struct follower {
	const struct consumer *consumer;
	struct eventlog_position position;
	int64_t written_ms; /* when the position was last stored */
	int64_t rests_until_ms;
	bool is_failing; /* a failure has been logged */
};

struct relay {
	struct run run;
	struct follower *followers; /* consumer_count of them */
	bool is_leader;
	bool is_ahead; /* a cursor is ahead of the database, and this has been logged */
	bool is_retry_failing;
	bool is_tick_failing;
	bool is_report_failing;
	int64_t tick_ms;
	int64_t report_ms;
};

/* --- cursors --- */

/* Reads the position of the consumer. A new consumer begins with the newest events. */
static enum err
read_cursor(struct relay *relay, struct follower *follower)
{
	struct core *core = &relay->run.core;
	struct eventlog_position *position = &follower->position;
	const char *name = follower->consumer->name;
	bool is_found;
	enum err err = eventlog_cursor(core, name, position, &is_found);

	if (err != ERR_OK || is_found)
		return err;
	err = eventlog_xmin(core, &position->from);
	if (err != ERR_OK)
		return err;
	position->to = position->from;
	position->id = 0;
	log_info("%s begins with the newest events", name);
	return eventlog_cursor_set(core, name, position);
}

static enum err
write_cursor(struct relay *relay, struct follower *follower)
{
	follower->written_ms = clock_mono_ms();
	return eventlog_cursor_set(&relay->run.core, follower->consumer->name, &follower->position);
}

/* A restored database counts transactions from a lower number. Nothing can be read until an
 * operator puts the cursors back. */
static enum err
wait_for_rebase(struct relay *relay, struct follower *follower)
{
	if (!relay->is_ahead)
		log_error("the cursor of %s is ahead of the database's transactions, which was "
			  "restored from a dump: boxofficectl events rebase",
			  follower->consumer->name);
	relay->is_ahead = true;
	return read_cursor(relay, follower);
}

/* --- following --- */

static void
log_bite(const struct relay *relay, const struct follower *follower, const struct event *events,
	 size_t count, int64_t since_ms)
{
	const int64_t ms = clock_mono_ms() - since_ms;
	int64_t age_ms = 0;

	/* The delivery has sorted them by entity, so the oldest may stand anywhere. */
	for (size_t i = 0; i < count; i++)
		age_ms = events[i].age_ms > age_ms ? events[i].age_ms : age_ms;
	log_members(relay->run.is_verbose ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "handled",
		    arena_printf(relay->run.core.arena,
				 "\"consumer\":\"%s\",\"events\":%zu,\"ms\":%" PRId64
				 ",\"lag_ms\":%" PRId64,
				 follower->consumer->name, count, ms, age_ms + ms));
}

static int64_t
bite_events(const struct relay *relay, const struct follower *follower)
{
	return relay->run.core.config->relay_window_rows *
	       (follower->consumer->is_state ? STATE_BITES : 1);
}

/* Begins the next window. Its size is about one bite when there is more to read. */
static enum err
begin_window(struct relay *relay, struct follower *follower, int64_t xmin)
{
	const int64_t most = bite_events(relay, follower); /* a transaction has an event or two */
	struct eventlog_position *position = &follower->position;
	int64_t to;
	enum err err;

	run_begin(&relay->run, CYCLE_TIMEOUT_MS);
	err = eventlog_window_end(&relay->run.core, position->from, xmin, most, &to);
	if (err == ERR_OK)
		position->to = to;
	return err;
}

/* Handles one bite of the window and moves the position past it. Stores the number of events in
 * `*count_r`. */
static enum err
take_bite(struct relay *relay, struct follower *follower, size_t *count_r)
{
	const struct consumer *consumer = follower->consumer;
	struct eventlog_position *position = &follower->position;
	const int64_t limit = bite_events(relay, follower);
	const int64_t since_ms = clock_mono_ms();
	struct event *events;
	int64_t last_id;
	enum err err;

	run_begin(&relay->run, CYCLE_TIMEOUT_MS);
	err = eventlog_read(&relay->run.core, &consumer->takes, position, limit, &events, count_r);
	if (err != ERR_OK)
		return err;
	if (*count_r > 0) {
		last_id = events[*count_r - 1].id;
		err = delivery_take(&relay->run, consumer, events, *count_r);
		if (err != ERR_OK)
			return err;
		log_bite(relay, follower, events, *count_r, since_ms);
		position->id = last_id;
	}
	if ((int64_t)*count_r < limit) {
		position->from = position->to;
		position->id = 0;
	}
	return ERR_OK;
}

/* Sets the end of the rest after a bite that began at `since_ms`. A change must be visible within
 * recount_ms, so the next bite starts earlier by the time that a bite takes. The rest also lasts at
 * least a quarter of that time, to leave some time to others. */
static void
rest(const struct relay *relay, struct follower *follower, int64_t since_ms)
{
	const int64_t work_ms = clock_mono_ms() - since_ms;
	const int64_t early_ms = relay->run.core.config->relay_recount_ms - work_ms;
	const int64_t least_ms = work_ms * 5 / 4;

	follower->rests_until_ms = since_ms + (early_ms > least_ms ? early_ms : least_ms);
}

/* Follows the new transactions below `xmin`, at most BITES_MAX bites. */
static enum err
follow(struct relay *relay, struct follower *follower, int64_t xmin)
{
	struct eventlog_position *position = &follower->position;
	const int64_t since_ms = clock_mono_ms();
	size_t count;
	enum err err = ERR_OK;

	if (xmin < position->to)
		return wait_for_rebase(relay, follower);
	for (int bites = 0; bites < BITES_MAX && !signals_is_stopping(); bites++) {
		if (position->from == position->to && xmin == position->to)
			break;
		if (position->from == position->to)
			err = begin_window(relay, follower, xmin);
		if (err != ERR_OK)
			return err;
		err = take_bite(relay, follower, &count);
		if (err == ERR_OK && count > 0)
			err = write_cursor(relay, follower);
		if (err != ERR_OK)
			return err;
		if (count > 0 && follower->consumer->is_state)
			rest(relay, follower, since_ms);
	}
	if (since_ms < follower->written_ms + CURSOR_EVERY_MS)
		return ERR_OK;
	return write_cursor(relay, follower);
}

/* Lets the consumers apply changes that the clock makes. */
static enum err
tick(struct relay *relay)
{
	enum err err = ERR_OK;

	if (clock_mono_ms() < relay->tick_ms + TICK_EVERY_MS)
		return ERR_OK;
	run_begin(&relay->run, CYCLE_TIMEOUT_MS);
	for (size_t i = 0; i < consumer_count && err == ERR_OK; i++) {
		if (consumers[i].tick)
			err = consumers[i].tick(&relay->run.core);
	}
	relay->tick_ms = clock_mono_ms();
	return err;
}

/* Writes the figures for monitoring. A relay that waits reports that it does not lead. */
static enum err
report(struct relay *relay, bool is_leader)
{
	struct relay_reader *readers;

	if (relay->run.config->batch_textfile_dir[0] == '\0' ||
	    clock_mono_ms() < relay->report_ms + REPORT_EVERY_MS)
		return ERR_OK;
	relay->report_ms = clock_mono_ms();
	run_begin(&relay->run, CYCLE_TIMEOUT_MS);
	readers = arena_calloc(relay->run.core.arena, consumer_count, sizeof(*readers));
	for (size_t i = 0; i < consumer_count; i++)
		readers[i] = (struct relay_reader){relay->followers[i].consumer->name,
						   relay->followers[i].position.from};
	return relay_report(&relay->run, readers, is_leader ? consumer_count : 0);
}

/* Logs the failure of a part of the cycle once. Returns false only when the session is gone, which
 * stops the other parts too. */
static bool
goes_on(const struct relay *relay, enum err err, const char *part, bool *is_failing)
{
	if (err != ERR_OK && !run_has_lock(&relay->run))
		return false;
	if (err != ERR_OK && !*is_failing && !signals_is_stopping())
		run_log_failure(&relay->run, part);
	*is_failing = err != ERR_OK;
	return true;
}

static enum err
run_cycle(struct relay *relay)
{
	int64_t xmin;
	enum err err = eventlog_xmin(&relay->run.core, &xmin);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < consumer_count; i++) {
		struct follower *follower = &relay->followers[i];

		if (clock_mono_ms() < follower->rests_until_ms)
			continue;
		err = follow(relay, follower, xmin);
		if (!goes_on(relay, err, follower->consumer->name, &follower->is_failing))
			return err;
		if (err != ERR_OK)
			follower->rests_until_ms = clock_mono_ms() + AWAY_PAUSE_MS;
	}
	if (signals_is_stopping())
		return ERR_OK;
	run_begin(&relay->run, CYCLE_TIMEOUT_MS);
	err = delivery_retry(&relay->run);
	if (!goes_on(relay, err, "retrying", &relay->is_retry_failing))
		return err;
	err = tick(relay);
	if (!goes_on(relay, err, "what the clock changes", &relay->is_tick_failing))
		return err;
	err = report(relay, true);
	return goes_on(relay, err, "the report", &relay->is_report_failing) ? ERR_OK : err;
}

/* --- leading --- */

/* Takes the lead, or finds that another relay leads. */
static enum err
lead(struct relay *relay, bool *is_leader_r)
{
	const bool was_leader = relay->is_leader && run_has_lock(&relay->run);
	enum err err = run_lock(&relay->run, is_leader_r);

	if (err != ERR_OK)
		return err;
	if (*is_leader_r && !was_leader) {
		for (size_t i = 0; i < consumer_count && err == ERR_OK; i++)
			err = read_cursor(relay, &relay->followers[i]);
		relay->is_ahead = false;
		if (err == ERR_OK)
			log_info("leads");
	} else if (!*is_leader_r && relay->is_leader) {
		log_info("leads no more");
	}
	relay->is_leader = *is_leader_r && err == ERR_OK;
	return err;
}

/* Time until the next cycle: the poll, or the end of a rest if that comes first. */
static int64_t
pause_ms(const struct relay *relay, int64_t since_ms)
{
	int64_t next_ms = since_ms + relay->run.core.config->relay_poll_ms;

	for (size_t i = 0; i < consumer_count; i++) {
		const int64_t rest_ms = relay->followers[i].rests_until_ms;

		if (rest_ms > clock_mono_ms() && rest_ms < next_ms)
			next_ms = rest_ms;
	}
	return next_ms - clock_mono_ms();
}

static void
relay_run(struct relay *relay)
{
	bool is_away = false;

	while (!signals_is_stopping()) {
		const int64_t since_ms = clock_mono_ms();
		bool is_leader = false;
		enum err err;

		run_begin(&relay->run, CYCLE_TIMEOUT_MS);
		err = lead(relay, &is_leader);
		if (err == ERR_OK)
			err = is_leader ? run_cycle(relay) : report(relay, false);
		if (err != ERR_OK && !is_away && !signals_is_stopping())
			run_log_failure(&relay->run, "a cycle failed");
		is_away = err != ERR_OK;
		if (is_away) {
			/* The next cycle begins at the stored cursors. */
			relay->is_leader = false;
			signals_pause(AWAY_PAUSE_MS);
		} else {
			signals_pause(pause_ms(relay, since_ms));
		}
	}
}

int
main(int argc, char **argv)
{
	struct relay relay = {.is_leader = false};
	bool is_verbose = false;
	const struct option_row rows[] = {
		OPTION_ROW_VERBOSE(&is_verbose),
		{.name = NULL},
	};
	const struct options options = {
		.program = "boxoffice-relay",
		.synopsis = "[--verbose]",
		.summary = "Follows the event log and hands it on to those who need it.",
		.rows = rows,
	};
	const char *config = options_read(argc, argv, &options);

	run_start(&relay.run, options.program, RUN_DSN(database_batch_dsn), config, is_verbose);
	relay.followers = calloc(consumer_count, sizeof(*relay.followers));
	if (!relay.followers)
		abort();
	for (size_t i = 0; i < consumer_count; i++)
		relay.followers[i].consumer = &consumers[i];
	log_info("started");
	relay_run(&relay);
	log_info("stopped");
	free(relay.followers);
	run_fini(&relay.run);
	return EXIT_SUCCESS;
}
