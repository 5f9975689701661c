#include "config.h"

#include "core/saga/checkin.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/account.h"
#include "call/show.h"
#include "core/core.h"
#include "core/outcome.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"
#include "words/words.h"

/* Returns NULL when the name cannot be read: a missing name must not keep a valid ticket out. May
 * lag. */
static const char *
name_of(struct core *core, const char *user_id)
{
	struct core aside = *core;
	const struct db_rows *rows;
	struct failure failure;

	failure_init(&failure, core->arena);
	aside.failure = &failure;
	if (read_account_user_name(&aside, core->read_db, user_id, &rows) != ERR_OK) {
		log_warn("could not read the name of a ticket's holder: %s",
			 failure.log_detail ? failure.log_detail : "no reason");
		return NULL;
	}
	/* Names of older accounts were not checked: nothing invisible may reach the door. */
	return db_rows_count(rows) == 0 ? NULL : words_clean(core->arena, db_text(rows, 0, "name"));
}

/* Tells the staff at the door when the ticket was used. A moment ago means this same scan, whose
 * answer was lost. */
static enum err
refuse_used(struct core *core, const struct jval *result)
{
	char at[CLOCK_RFC3339_SIZE];

	clock_format(jin_get_i64(result, "used_at"), at);
	return fail(core->failure, CODE_ALREADY_USED, "the ticket was checked in at %s", at);
}

enum err
checkin_make(struct core *core, int64_t show_id, const char *code, const struct uuid *operator_id,
	     struct buf *body)
{
	struct uuid ticket_id, checkin_id;
	int64_t code_show_id, seat_no;
	const struct jval *ticket;
	struct outcome outcome;
	struct jout out;
	enum err err;

	/* guard: signed */
	if (!ticket_code_read(core->arena, core->secrets, code, &ticket_id, &code_show_id,
			      &seat_no))
		return fail(core->failure, CODE_NOT_FOUND, "no ticket of ours has that code");
	/* guard: show */
	if (code_show_id != show_id)
		return fail(core->failure, CODE_NOT_FOUND, "the ticket is for show %lld",
			    (long long)code_show_id);
	uuid_new(&checkin_id);
	err = call_show_ticket_check_in(core, show_id, &checkin_id, &ticket_id, seat_no,
					operator_id, &outcome);
	if (err == ERR_OK && outcome_is(&outcome, "already_used"))
		return refuse_used(core, outcome_result(&outcome));
	if (err == ERR_OK && outcome_is(&outcome, "not_found"))
		return fail(core->failure, CODE_NOT_FOUND, "the ticket is not valid any more");
	if (err == ERR_OK)
		err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	ticket = jin_get(outcome_result(&outcome), "ticket");
	jout_init(&out, body);
	jout_object(&out);
	jout_key_text(&out, "ticket", jin_get_text(ticket, "id"));
	jout_key_i64(&out, "seat", jin_get_i64(ticket, "seat"));
	jout_key_text(&out, "label", jin_get_text(ticket, "label"));
	jout_key_text(&out, "section", jin_get_text(ticket, "section"));
	jout_key_text(&out, "row", jin_get_text(ticket, "row"));
	jout_key_text(&out, "holder",
		      name_of(core, jin_get_text(outcome_result(&outcome), "user_id")));
	jout_end(&out);
	return ERR_OK;
}
