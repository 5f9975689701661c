/* boxofficectl events …: deliveries that the relay has parked, and cursors after a restore. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/log/eventlog.h"
#include "core/log/retry.h"
#include "ctl/ctl.h"

#define REBASE_TIMEOUT_MS 600000 /* it rewrites every event of the log */

int
ctl_events_parked(struct ctl *ctl, char **args)
{
	const struct retry_parked *rows;
	size_t count;
	int status = ctl_connect_briefly(ctl);

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	if (retry_parked(&ctl->core, &rows, &count) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not read");
	for (size_t i = 0; i < count; i++) {
		const struct retry_queue *queue = &rows[i].queue;

		printf("%s %s%s%s event %" PRId64 " %s tries %" PRId64 " behind %" PRId64 ": %s\n",
		       queue->consumer, queue->entity, queue->endpoint[0] != '\0' ? " to " : "",
		       queue->endpoint, rows[i].id, rows[i].kind, rows[i].tries, rows[i].behind,
		       rows[i].error);
	}
	return EXIT_SUCCESS;
}

/* Changes the queue of one consumer and entity. */
static int
change_queue(struct ctl *ctl, char **args,
	     enum err (*change)(struct core *core, const char *consumer, const char *entity,
				const char *actor, bool *is_found_r))
{
	int status = ctl_connect_briefly(ctl);
	bool is_found;

	if (status != EXIT_SUCCESS)
		return status;
	if (change(&ctl->core, args[0], args[1], ctl_actor(ctl), &is_found) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not change it");
	if (!is_found)
		return ctl_fail("no such event of %s %s waits", args[0], args[1]);
	return EXIT_SUCCESS;
}

int
ctl_events_retry(struct ctl *ctl, char **args)
{
	return change_queue(ctl, args, retry_anew);
}

int
ctl_events_skip(struct ctl *ctl, char **args)
{
	return change_queue(ctl, args, retry_skip);
}

int
ctl_events_rebase(struct ctl *ctl, char **args)
{
	int status = ctl_connect(ctl, REBASE_TIMEOUT_MS);
	int64_t readers, events;

	(void)args;
	if (status != EXIT_SUCCESS)
		return status;
	if (eventlog_rebase(&ctl->core, ctl_actor(ctl), &readers, &events) != ERR_OK)
		return ctl_fail_recorded(ctl, "could not put the cursors back");
	printf("%" PRId64 " readers put back, %" PRId64 " events to be read again\n", readers,
	       events);
	return EXIT_SUCCESS;
}
