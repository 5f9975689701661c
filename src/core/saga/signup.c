#include "config.h"

#include "core/saga/signup.h"

#include "base/uuid.h"
#include "call/account.h"
#include "call/directory.h"
#include "conf/config.h"
#include "core/account/user.h"
#include "core/core.h"
#include "core/directory/email.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
#include "json/jout.h"

/* Saves the cost of a password hash when the address is taken already. The claim still decides. */
static enum err
check_free(struct core *core, const char *email)
{
	struct uuid user_id;
	bool is_found;
	enum err err = email_find(core, email, &user_id, &is_found);

	if (err != ERR_OK || !is_found)
		return err;
	return outcome_refuse(core, CODE_EMAIL_TAKEN);
}

enum err
signup_make(struct core *core, const struct signup *signup, struct buf *body)
{
	const struct config *config = core->config;
	struct outcome created, claimed;
	struct uuid user_id;
	const char *hash;
	struct jout out;
	enum err err = check_free(core, signup->email);

	if (err != ERR_OK)
		return err;
	if (password_hash(core->arena, signup->password, config->auth_argon2_memory_kib,
			  config->auth_argon2_passes, &hash) != ERR_OK)
		return fail_log(core->failure, CODE_UNAVAILABLE, "could not hash a password");
	uuid_new(&user_id);
	err = call_account_user_create(core, &user_id, signup->email, hash, signup->name,
				       signup->phone, &created);
	err = outcome_accept(core, err, &created);
	if (err == ERR_OK) {
		err = call_directory_email_claim(core, signup->email, &user_id, &claimed);
		err = outcome_accept(core, err, &claimed);
	}
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	user_render(&out, outcome_result(&created));
	return ERR_OK;
}
