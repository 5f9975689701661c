#include "config.h"

#include "core/log/audit.h"

#include "core/core.h"
#include "core/list.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jout.h"

enum err
audit_add(struct core *core, const char *actor, const char *action, const char *object,
	  const char *detail)
{
	struct db_params params;
	struct outcome outcome;

	db_params_init(&params, core->arena);
	db_put_text(&params, actor);
	db_put_text(&params, action);
	db_put_text(&params, object);
	db_put_text(&params, detail);
	db_put_text(&params, core->traceparent);
	return outcome_do(core, "log.audit_add", &params, &outcome);
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
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	list_put_number(&params, list);
	err = db_read(core->read_db, "audit_trail", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK)
		return err;
	list_render_numbered(core, list, rows, "id", render, body);
	return ERR_OK;
}
