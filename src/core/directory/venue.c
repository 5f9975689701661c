#include "config.h"

#include "core/directory/venue.h"

#include "call/directory.h"
#include "core/core.h"
#include "core/outcome.h"

#define TIME_ZONE_DEFAULT "Asia/Seoul"

enum err
venue_create(struct core *core, const struct core_key *key, const struct venue_new *venue,
	     bool *is_replay_r, struct buf *body)
{
	static const char *const members[] = {"id", "name", "region", "address", "time_zone", NULL};
	const char *time_zone = venue->time_zone != NULL ? venue->time_zone : TIME_ZONE_DEFAULT;
	struct outcome outcome;
	enum err err = call_directory_venue_create(core, key, venue->name, venue->region,
						   venue->address, time_zone, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is_replay(&outcome, key);
	outcome_render(&outcome, members, body);
	return ERR_OK;
}
