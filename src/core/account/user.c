#include "config.h"

#include "core/account/user.h"

#include "conf/config.h"
#include "core/core.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
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

/* Spares the cost of a password hash where the answer is known; the claim decides. */
static enum err
check_free(struct core *core, const char *email)
{
	struct db_params params;
	const struct db_rows *rows;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_text(&params, email);
	err = db_read(core->db, "user_by_email", &params, core->arena, core->failure, &rows);
	if (err != ERR_OK || db_rows_count(rows) == 0)
		return err;
	return outcome_refuse(core, CODE_EMAIL_TAKEN);
}

static enum err
claim(struct core *core, const char *email, const struct uuid *user_id)
{
	struct db_params params;
	struct outcome outcome;

	db_params_init(&params, core->arena);
	db_put_text(&params, email);
	db_put_uuid(&params, user_id);
	return outcome_do(core, "directory.email_claim", &params, &outcome);
}

enum err
user_signup(struct core *core, const struct user_new *user, struct buf *body)
{
	const struct config *config = core->config;
	struct db_params params;
	struct outcome outcome;
	struct uuid user_id;
	const char *hash;
	struct jout out;
	enum err err;

	err = check_free(core, user->email);
	if (err == ERR_OK &&
	    (err = password_hash(core->arena, user->password, config->auth_argon2_memory_kib,
				 config->auth_argon2_passes, &hash)) != ERR_OK)
		return fail_log(core->failure, CODE_UNAVAILABLE, "could not hash a password");
	if (err != ERR_OK)
		return err;
	uuid_new(&user_id);
	db_params_init(&params, core->arena);
	db_put_uuid(&params, &user_id);
	db_put_text(&params, user->email);
	db_put_text(&params, hash);
	db_put_text(&params, user->name);
	db_put_text(&params, user->phone);
	db_put_text(&params, core->traceparent);
	err = outcome_do(core, "account.user_create", &params, &outcome);
	if (err == ERR_OK)
		err = claim(core, user->email, &user_id);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	user_render(&out, outcome.result);
	return ERR_OK;
}

enum err
user_gone(struct core *core)
{
	return fail(core->failure, CODE_UNAUTHENTICATED, "the account does not exist any more");
}

enum err
user_read(struct core *core, const struct uuid *user_id, struct buf *body)
{
	struct db_params params;
	const struct db_rows *rows;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, user_id);
	err = db_read(core->db, "user", &params, core->arena, core->failure, &rows);
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
	struct db_params params;
	struct outcome outcome;
	struct jout out;
	enum err err;

	db_params_init(&params, core->arena);
	db_put_uuid(&params, user_id);
	db_put_text(&params, change->name);
	db_put_text(&params, change->phone);
	db_put_bool(&params, change->phone_is_given);
	err = outcome_call(core, "account.user_update", &params, &outcome);
	if (err != ERR_OK)
		return err;
	if (outcome_is(&outcome, "not_found"))
		return user_gone(core);
	err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	user_render(&out, outcome.result);
	return ERR_OK;
}
