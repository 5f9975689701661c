#include "config.h"

#include "core/schema.h"

#include "base/arena.h"
#include "call/ops.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"

enum err
schema_facts(struct core *core, struct schema_facts *facts_r)
{
	const struct db_rows *rows;
	enum err err = read_ops_db_facts(core, core->db, &rows);

	if (err == ERR_OK)
		*facts_r = (struct schema_facts){
			.encoding = db_text(rows, 0, "encoding"),
			.ctype = db_text(rows, 0, "ctype"),
			.is_ctype_utf8 = db_bool(rows, 0, "is_ctype_utf8"),
			.is_initialised = db_bool(rows, 0, "is_initialised"),
		};
	return err;
}

enum err
schema_applied(struct core *core, struct schema_rows *rows_r)
{
	const struct db_rows *rows;
	struct schema_row *list;
	enum err err = read_ops_db_applied(core, core->db, &rows);

	if (err != ERR_OK)
		return err;
	list = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*list));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		list[i] = (struct schema_row){
			.kind = db_text(rows, i, "kind"),
			.name = db_text(rows, i, "name"),
			.checksum = db_text(rows, i, "checksum"),
			.applied_at = db_text(rows, i, "applied_at"),
		};
	*rows_r = (struct schema_rows){list, db_rows_count(rows)};
	return ERR_OK;
}

enum err
schema_run(struct core *core, const char *text)
{
	return db_script(core->db, text, core->failure);
}

enum err
schema_begin(struct core *core)
{
	return db_begin(core->db, core->failure);
}

enum err
schema_commit(struct core *core)
{
	return db_commit(core->db, core->failure);
}

enum err
schema_set(struct core *core, const char *name, const char *value)
{
	struct outcome outcome;
	enum err err = call_ops_setting(core, name, value, &outcome);

	return outcome_accept(core, err, &outcome);
}

enum err
schema_apply(struct core *core, const struct schema_file *file, const char *end)
{
	struct outcome outcome;
	enum err err = call_ops_announce(core, file->kind, file->name, file->checksum, &outcome);

	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	return schema_run(core, arena_printf(core->arena, "%s\n;\n%s", file->text, end));
}

enum err
schema_count_breaches(struct core *core, const char *statement, int64_t *breaches_r,
		      const char **example_r)
{
	const struct db_rows *rows;
	enum err err = db_query(core->db, statement, core->arena, core->failure, &rows);

	if (err != ERR_OK)
		return err;
	*breaches_r = db_i64(rows, 0, "breaches");
	*example_r = db_text(rows, 0, "example");
	return ERR_OK;
}
