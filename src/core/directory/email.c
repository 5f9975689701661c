#include "config.h"

#include "core/directory/email.h"

#include "call/directory.h"
#include "core/core.h"
#include "db/db.h"

enum err
email_find(struct core *core, const char *email, struct uuid *user_id_r, bool *is_found_r)
{
	const struct db_rows *rows;
	enum err err = read_directory_user_by_email(core, core->db, email, &rows);

	if (err == ERR_OK)
		*is_found_r = db_rows_count(rows) > 0 && db_uuid(rows, 0, "user_id", user_id_r);
	return err;
}
