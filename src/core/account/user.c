#include "config.h"

#include "core/account/user.h"

#include "call/account.h"
#include "conf/config.h"
#include "core/core.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

void
user_render(struct jout *out, const struct jval *profile)
{
	jout_object(out);
	jout_key_text(out, "id", jin_get_text(profile, "id"));
	jout_key_text(out, "email", jin_get_text(profile, "email"));
	jout_key_text(out, "name", jin_get_text(profile, "name"));
	jout_key_text(out, "phone", jin_get_text(profile, "phone"));
	jout_key_text(out, "role", jin_get_text(profile, "role"));
	jout_key_time(out, "created_at", jin_get_i64(profile, "created_at"));
	jout_end(out);
}

enum err
user_gone(struct core *core)
{
	return fail(core->failure, CODE_UNAUTHENTICATED, "the account does not exist any more");
}

enum err
user_read(struct core *core, const struct uuid *user_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_account_user(core, core->db, user_id, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0)
		return user_gone(core);
	jout_init(&out, body);
	jout_object(&out);
	jout_key_text(&out, "id", db_text(rows, 0, "user_id"));
	jout_key_text(&out, "email", db_text(rows, 0, "email"));
	jout_key_text(&out, "name", db_text(rows, 0, "name"));
	jout_key_text(&out, "phone", db_text(rows, 0, "phone"));
	jout_key_text(&out, "role", db_text(rows, 0, "role"));
	jout_key_time(&out, "created_at", db_i64(rows, 0, "created_at"));
	jout_end(&out);
	return ERR_OK;
}

enum err
user_change(struct core *core, const struct uuid *user_id, const struct user_change *change,
	    struct buf *body)
{
	struct outcome outcome;
	struct jout out;
	enum err err = call_account_user_update(core, user_id, change->name, change->phone,
						change->phone_is_given, &outcome);

	if (err == ERR_OK && outcome_is(&outcome, "not_found"))
		return user_gone(core);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	user_render(&out, outcome_result(&outcome));
	return ERR_OK;
}

enum err
user_change_by_staff(struct core *core, const struct uuid *user_id, const char *role,
		     const char *password_hash, const char *actor)
{
	struct outcome outcome;
	enum err err =
		call_account_user_change_by_staff(core, user_id, role, password_hash,
						  core->config->auth_access_ttl_s, actor, &outcome);

	return outcome_accept(core, err, &outcome);
}
