#include "config.h"

#include "core/directory/venue.h"

#include "call/directory.h"
#include "core/core.h"
#include "core/outcome.h"
#include "json/jin.h"
#include "json/jout.h"

#define TIME_ZONE_DEFAULT "Asia/Seoul"

enum err
venue_create(struct core *core, const struct uuid *actor, const struct venue_new *venue,
	     struct buf *body)
{
	const char *time_zone = venue->time_zone != NULL ? venue->time_zone : TIME_ZONE_DEFAULT;
	struct outcome outcome;
	struct jout out;
	enum err err = call_directory_venue_create(core, actor, venue->name, venue->region,
						   venue->address, time_zone, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "id", jin_get_i64(outcome_result(&outcome), "id"));
	jout_key_text(&out, "name", jin_get_text(outcome_result(&outcome), "name"));
	jout_key_text(&out, "region", jin_get_text(outcome_result(&outcome), "region"));
	jout_key_text(&out, "address", jin_get_text(outcome_result(&outcome), "address"));
	jout_key_text(&out, "time_zone", jin_get_text(outcome_result(&outcome), "time_zone"));
	jout_end(&out);
	return ERR_OK;
}
