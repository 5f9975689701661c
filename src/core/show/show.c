#include "config.h"

#include "core/show/show.h"

#include "call/show.h"
#include "core/core.h"
#include "core/read.h"
#include "db/db.h"

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
