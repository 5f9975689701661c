#include "config.h"

#include "core/directory/hall.h"

#include "call/directory.h"
#include "core/core.h"
#include "core/outcome.h"

enum err
hall_create(struct core *core, const struct core_key *key, const struct hall_new *hall,
	    bool *is_replay_r, struct buf *body)
{
	static const char *const members[] = {"id", "venue_id", "name", NULL};
	struct outcome outcome;
	enum err err = call_directory_hall_create(core, key, hall->venue_id, hall->name, &outcome);

	if (err == ERR_OK && outcome_is(&outcome, "not_found"))
		return fail_field(core->failure, "venue_id", "is no venue");
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	*is_replay_r = outcome_is_replay(&outcome, key);
	outcome_render(&outcome, members, body);
	return ERR_OK;
}
