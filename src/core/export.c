#include "config.h"

#include "core/export.h"

#include <stdio.h>

#include "base/arena.h"
#include "core/core.h"
#include "db/db.h"

enum err
export_next(struct core *core, struct export *export, const char *const **fields_r, size_t *count_r)
{
	const size_t columns = export->column_count;
	const struct db_rows *rows;
	const char **fields;
	size_t count;
	enum err err = export->read(core, export, &rows);

	if (err != ERR_OK)
		return err;
	count = db_rows_count(rows);
	fields = arena_calloc(core->arena, count + 1, columns * sizeof(*fields));
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < columns; n++)
			fields[i * columns + n] = db_text(rows, i, export->columns[n].name);
	for (size_t n = 0; count > 0 && n < EXPORT_KEY_MAX && export->keys[n]; n++)
		snprintf(export->key[n], EXPORT_KEY_SIZE, "%s",
			 db_text(rows, count - 1, export->keys[n]));
	*fields_r = fields;
	*count_r = count;
	return ERR_OK;
}
