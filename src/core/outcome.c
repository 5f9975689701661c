#include "config.h"

#include "core/outcome.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "core/core.h"
#include "json/jdoc.h"
#include "json/jin.h"
#include "json/jout.h"

/* The detail that a client gets beyond the title, and the members of the result in the answer. */
static const struct {
	const char *detail;
	const char *members[2];
} refusals[CODE_MAX] = {
	[CODE_NOT_FOUND] = {"there is no such object", {NULL}},
	[CODE_SEATS_TAKEN] = {"some of the seats are held or sold: choose others",
			      {"seats", "again_at"}},
	[CODE_NOT_ENOUGH_SEATS] = {"fewer seats are free than were asked for: ask for fewer",
				   {NULL}},
	[CODE_NOT_ON_SALE] = {"seats of this show cannot be taken now", {NULL}},
	[CODE_SEAT_LIMIT] = {"one buyer may not hold and buy so many seats of this show",
			     {"limit", "taken"}},
	[CODE_HOLD_EXPIRED] = {"the hold is over: it has expired, was released or was paid",
			       {NULL}},
	[CODE_HOLD_PAYING] = {"the hold cannot be changed while it is being paid", {NULL}},
	[CODE_HOLD_CONFIRMED] = {"the hold has become a paid order", {NULL}},
	[CODE_EXTENSION_LIMIT] = {"the hold runs to its hard maximum already", {NULL}},
	[CODE_IDEMPOTENCY_MISMATCH] = {"this Idempotency-Key came with another body before",
				       {NULL}},
	[CODE_IDEMPOTENCY_IN_FLIGHT] = {"ask again with the same key in a moment", {NULL}},
	[CODE_ALREADY_PAID] = {"the order is paid", {NULL}},
	[CODE_PAYMENT_IN_PROGRESS] = {"wait for the payment that is running", {NULL}},
	[CODE_ORDER_CLOSED] = {"the order is closed, or too many payments of it failed", {NULL}},
	[CODE_TOO_LATE] = {"the show begins too soon", {NULL}},
	[CODE_ALREADY_CANCELLED] = {"the order is cancelled", {NULL}},
	[CODE_ALREADY_USED] = {"a ticket was checked in", {NULL}},
	[CODE_SHOW_CLOSED] =
		{"the show is closed or cancelled, or somebody has seats of it already", {NULL}},
	[CODE_CURRENCY_MISMATCH] = {"the wallet cannot pay in the currency of the order", {NULL}},
	[CODE_INSUFFICIENT_BALANCE] = {"charge the wallet and pay again before the hold expires",
				       {NULL}},
	[CODE_EMAIL_TAKEN] = {"another account has this e-mail address", {NULL}},
	[CODE_REFRESH_INVALID] = {"log in again", {NULL}},
	[CODE_RATE_LIMITED] = {"this was done too often: wait", {NULL}},
	[CODE_HALL_BUSY] = {"another show is in the hall at that time", {NULL}},
};

const struct jval *
outcome_result(struct outcome *outcome)
{
	if (outcome->result == NULL && outcome->text != NULL) {
		outcome->result = jin_parse_own(outcome->arena, outcome->text);
		assert(outcome->result);
	}
	return outcome->result;
}

void
outcome_render(const struct outcome *outcome, const char *const names[], struct buf *body)
{
	struct jout out;

	jout_init(&out, body);
	jout_object(&out);
	for (; *names; names++)
		jdoc_copy(&out, outcome->text, *names);
	jout_end(&out);
}

bool
outcome_is(const struct outcome *outcome, const char *word)
{
	return strcmp(outcome->word, word) == 0;
}

/* A refusal carries whole numbers, arrays of them, and times ("again_at"), nothing else. */
static const char *
member_text(struct arena *arena, const char *name, const struct jval *value)
{
	struct buf buf;
	struct jout out;

	buf_init(&buf, arena);
	jout_init(&out, &buf);
	if (strcmp(name, "again_at") == 0) {
		jout_time(&out, jin_i64(value));
		return buf_text(&buf);
	}
	if (!jin_is_array(value)) {
		jout_i64(&out, jin_i64(value));
		return buf_text(&buf);
	}
	jout_array(&out);
	for (size_t i = 0; i < jin_array_length(value); i++)
		jout_i64(&out, jin_i64(jin_array_at(value, i)));
	jout_end(&out);
	return buf_text(&buf);
}

/* The function names the field, just as the program does when it finds a violation itself. */
static enum err
check_field(struct core *core, const struct jval *result)
{
	const char *field = result == NULL ? NULL : jin_get_text(result, "field");

	return fail_field(core->failure, field == NULL ? "" : field, "%s",
			  field == NULL ? "does not fit" : jin_get_text(result, "message"));
}

enum err
outcome_refuse(struct core *core, enum code code)
{
	const char *detail = refusals[code].detail;

	return fail(core->failure, code, "%s", detail != NULL ? detail : code_info(code)->title);
}

bool
outcome_is_replay(const struct outcome *outcome, const struct core_key *key)
{
	return key->key != NULL && outcome_is(outcome, "replay");
}

enum err
outcome_check(struct core *core, struct outcome *outcome)
{
	const char *const *members;
	enum code code;
	enum err err;

	if (outcome_is(outcome, "ok") || outcome_is(outcome, "created") ||
	    outcome_is(outcome, "replay"))
		return ERR_OK;
	code = code_by_name(outcome->word);
	if (code == CODE_NONE)
		return fail_log(core->failure, CODE_INTERNAL, "unknown outcome \"%s\"",
				outcome->word);
	if (code == CODE_VALIDATION_FAILED)
		return check_field(core, outcome_result(outcome));
	err = outcome_refuse(core, code);
	if (code == CODE_RATE_LIMITED && outcome->text != NULL)
		core->failure->retry_after_s =
			(int)jin_get_i64_or(outcome_result(outcome), "retry_after_s", 1);
	members = refusals[code].members;
	for (size_t i = 0; i < 2 && members[i] != NULL; i++) {
		const struct jval *value =
			outcome->text == NULL ? NULL : jin_get(outcome_result(outcome), members[i]);

		if (value != NULL)
			fail_extra(core->failure, members[i],
				   member_text(core->arena, members[i], value));
	}
	return err;
}

enum err
outcome_accept(struct core *core, enum err err, struct outcome *outcome)
{
	return err != ERR_OK ? err : outcome_check(core, outcome);
}

enum err
outcome_expect_ok(struct core *core, enum err err, struct outcome *outcome)
{
	if (err != ERR_OK || outcome_is(outcome, "ok"))
		return err;
	return fail_log(core->failure, CODE_INTERNAL, "%s answered \"%s\"", outcome->function,
			outcome->word);
}

struct outcome_answer
outcome_answer(struct outcome *outcome)
{
	if (outcome_is(outcome, "replay"))
		return (struct outcome_answer){
			.status = (int)jin_get_i64(outcome_result(outcome), "status"),
			.body = jin_get(outcome_result(outcome), "body"),
			.is_replay = true,
		};
	return (struct outcome_answer){
		.status = outcome_is(outcome, "created") ? 201 : 200,
		.body = outcome_result(outcome),
	};
}
