#include "config.h"

#include "core/server.h"

#include "base/arena.h"
#include "call/ops.h"
#include "core/core.h"
#include "db/db.h"

enum err
server_judge(struct core *core, int64_t sessions, bool is_owner, struct server_rules *rules_r)
{
	const struct db_rows *rows;
	struct server_rule *list;
	enum err err = read_ops_server(core, core->db, sessions, is_owner, &rows);

	if (err != ERR_OK)
		return err;
	list = arena_calloc(core->arena, db_rows_count(rows) + 1, sizeof(*list));
	for (size_t i = 0; i < db_rows_count(rows); i++)
		list[i] = (struct server_rule){
			.name = db_text(rows, i, "name"),
			.is_right = db_bool(rows, i, "is_right"),
			.found = db_text(rows, i, "found"),
			.advice = db_text(rows, i, "advice"),
		};
	*rules_r = (struct server_rules){list, db_rows_count(rows)};
	return ERR_OK;
}
