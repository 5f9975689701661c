#include "config.h"

#include "core/directory/hall.h"

#include "call/directory.h"
#include "core/core.h"
#include "core/outcome.h"
#include "json/jin.h"
#include "json/jout.h"

enum err
hall_create(struct core *core, const struct uuid *actor, const struct hall_new *hall,
	    struct buf *body)
{
	struct outcome outcome;
	struct jout out;
	enum err err =
		call_directory_hall_create(core, actor, hall->venue_id, hall->name, &outcome);

	if (err == ERR_OK && outcome_is(&outcome, "not_found"))
		return fail_field(core->failure, "venue_id", "is no venue");
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", jin_get_i64(outcome_result(&outcome), "id"));
	jout_key_i64(&out, "venue_id", jin_get_i64(outcome_result(&outcome), "venue_id"));
	jout_key_text(&out, "name", jin_get_text(outcome_result(&outcome), "name"));
	jout_end(&out);
	return ERR_OK;
}
