/* boxofficectl events …: deliveries that the relay has given up, and cursors after a restore. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/config.h"
#include "call/log.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "ctl/ctl.h"

#define REBASE_TIMEOUT_MS 600000 /* it writes every event of the log */

int
ctl_events_parked(struct ctl *ctl, char **args)
{
	const struct db_rows *rows;
	struct db_params none;
	int status = ctl_connect(ctl, ctl->config->database_statement_timeout_ms);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	db_params_init(&none, ctl->core.arena);
	if (db_read(ctl->core.db, "retries_parked", &none, ctl->core.arena, ctl->core.failure,
		    &rows) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read");
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		const char *endpoint = db_text(rows, i, "endpoint");

		printf("%s %s%s%s event %s %s tries %s behind %s: %s\n",
		       db_text(rows, i, "consumer"), db_text(rows, i, "entity"),
		       endpoint[0] != '\0' ? " to " : "", endpoint, db_text(rows, i, "id"),
		       db_text(rows, i, "kind"), db_text(rows, i, "tries"),
		       db_text(rows, i, "behind"), db_text(rows, i, "error"));
	}
	return EXIT_SUCCESS;
}

/* Lets the events of an entity go on, or gives the first of them up. */
static int
change_queue(struct ctl *ctl, char **args, bool is_skip)
{
	int status = ctl_connect(ctl, ctl->config->database_statement_timeout_ms);
	const char *actor = ctl_actor(ctl);
	struct outcome outcome;
	enum err err;

	if (status != EXIT_SUCCESS)
		return status;
	err = is_skip ? call_log_retry_skip(&ctl->core, args[0], args[1], actor, &outcome)
		      : call_log_retry_anew(&ctl->core, args[0], args[1], actor, &outcome);
	if (err != ERR_OK)
		return ctl_fail_recorded(ctl, "could not change it");
	if (!outcome_is(&outcome, "ok"))
		return ctl_fail("no such event of %s %s waits", args[0], args[1]);
	return EXIT_SUCCESS;
}

int
ctl_events_retry(struct ctl *ctl, char **args)
{
	return change_queue(ctl, args, false);
}

int
ctl_events_skip(struct ctl *ctl, char **args)
{
	return change_queue(ctl, args, true);
}

int
ctl_events_rebase(struct ctl *ctl, char **args)
{
	int status = ctl_connect(ctl, REBASE_TIMEOUT_MS);
	struct db_params params;
	struct outcome outcome;

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	db_params_init(&params, ctl->core.arena);
	db_put_text(&params, ctl_actor(ctl));
	if (outcome_do(&ctl->core, "log.cursors_rebase", &params, &outcome) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not put the cursors back");
	printf("%lld readers put back, %lld events to be read again\n",
	       (long long)jin_get_i64(outcome_result(&outcome), "consumers"),
	       (long long)jin_get_i64(outcome_result(&outcome), "events"));
	return EXIT_SUCCESS;
}
