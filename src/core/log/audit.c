#include "config.h"

#include "core/log/audit.h"

#include "call/log.h"
#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jout.h"

enum err
audit_add(struct core *core, const char *actor, const char *action, const char *object,
	  const char *detail)
{
	struct outcome outcome;
	enum err err = call_log_audit_add(core, actor, action, object, detail, &outcome);

	/* guard: recorded */
	return outcome_accept(core, err, &outcome);
}

enum err
audit_refused(struct core *core, const struct uuid *user_id, const char *object, const char *role)
{
	struct outcome outcome;
	enum err err = call_log_audit_refused(core, user_id, object, role, &outcome);

	return outcome_accept(core, err, &outcome);
}

static void
render(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	jout_key_i64(out, "id", db_i64(rows, row, "id"));
	jout_key_time(out, "at", db_i64(rows, row, "at"));
	jout_key_text(out, "actor", db_text(rows, row, "actor"));
	jout_key_text(out, "action", db_text(rows, row, "action"));
	jout_key_text(out, "object", db_text(rows, row, "object"));
	jout_key_raw(out, "detail", db_text(rows, row, "detail"));
	jout_key_text(out, "trace_id", db_text(rows, row, "trace_id"));
	jout_end(out);
}

enum err
audit_list(struct core *core, const struct list *list, struct buf *body)
{
	const struct db_rows *rows;
	enum err err = read_log_audit_trail(core, core->read_db, list_number(list), list_rows(list),
					    &rows);

	if (err != ERR_OK)
		return err;
	list_render_numbered(core, list, rows, "id", render, body);
	return ERR_OK;
}
