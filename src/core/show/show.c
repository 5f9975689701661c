#include "config.h"

#include "core/show/show.h"

#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "core/read.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

enum err
show_check(struct core *core, int64_t show_id, const struct db_rows *listed)
{
	const struct db_rows *rows;
	enum err err;

	if (db_rows_count(listed) > 0)
		return ERR_OK;
	err = read_show_show_exists(core, core->read_db, show_id, &rows);
	return read_found(core, err, &rows);
}

enum err
show_cancel(struct core *core, int64_t show_id, const struct uuid *actor, const char *reason,
	    struct buf *body)
{
	struct outcome outcome;
	struct jout out;
	enum err err = call_show_show_cancel(core, show_id, actor, reason, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	jout_object(&out);
	jout_key_text(&out, "state", jin_get_text(outcome_result(&outcome), "state"));
	jout_key_i64(&out, "refunds_left", jin_get_i64(outcome_result(&outcome), "refunds_left"));
	jout_end(&out);
	return ERR_OK;
}
