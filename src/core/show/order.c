#include "config.h"

#include "core/show/order.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "call/show.h"
#include "core/core.h"
#include "core/export.h"
#include "core/list.h"
#include "core/outcome.h"
#include "core/read.h"
#include "core/show/hold.h"
#include "core/show/show.h"
#include "crypt/crypt.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

/* An answer that was kept for its key before section and row were has neither. */
static void
render_place(struct jout *out, const struct jval *seat)
{
	jout_key_text(out, "label", jin_get_text(seat, "label"));
	jout_key_text(out, "section", jin_get_text(seat, "section"));
	jout_key_text(out, "row", jin_get_text(seat, "row"));
}

static void
render_seats(struct jout *out, const struct jval *seats)
{
	jout_array(out);
	for (size_t i = 0; i < jin_array_length(seats); i++) {
		const struct jval *seat = jin_array_at(seats, i);

		jout_object(out);
		jout_key_i64(out, "no", jin_get_i64(seat, "no"));
		render_place(out, seat);
		jout_key_text(out, "grade", jin_get_text(seat, "grade"));
		jout_key_i64(out, "price", jin_get_i64(seat, "price"));
		jout_end(out);
	}
	jout_end(out);
}

static void
render_time(struct jout *out, const char *key, const struct jval *object)
{
	const struct jval *time = jin_get(object, key);

	if (time == NULL)
		jout_key_null(out, key);
	else
		jout_key_time(out, key, jin_i64(time));
}

static void
render_ticket(struct core *core, struct jout *out, int64_t show_id, const struct jval *ticket,
	      bool has_code)
{
	const char *id = jin_get_text(ticket, "id");
	const int64_t seat = jin_get_i64(ticket, "seat");
	struct uuid ticket_id;

	assert(uuid_parse(id, strlen(id), &ticket_id));
	jout_object(out);
	jout_key_text(out, "id", id);
	jout_key_i64(out, "seat", seat);
	render_place(out, ticket);
	jout_key_text(out, "code",
		      has_code ? ticket_code(core->arena, core->secrets, &ticket_id, show_id, seat)
			       : NULL);
	render_time(out, "used_at", ticket);
	jout_end(out);
}

static void
render_payment(struct jout *out, const struct jval *payment)
{
	jout_object(out);
	jout_key_text(out, "id", jin_get_text(payment, "id"));
	jout_key_text(out, "method", jin_get_text(payment, "method"));
	jout_key_text(out, "state", jin_get_text(payment, "state"));
	jout_key_i64(out, "amount", jin_get_i64(payment, "amount"));
	jout_key_time(out, "at", jin_get_i64(payment, "at"));
	jout_end(out);
}

static void
render_members(struct core *core, struct jout *out, const struct jval *order, bool has_codes)
{
	const struct jval *tickets = jin_get(order, "tickets");
	const struct jval *payments = jin_get(order, "payments");
	const int64_t show_id = jin_get_i64(order, "show_id");

	jout_key_text(out, "id", jin_get_text(order, "id"));
	jout_key_i64(out, "show_id", show_id);
	jout_key_text(out, "hold_id", jin_get_text(order, "hold_id"));
	jout_key_text(out, "state", jin_get_text(order, "state"));
	jout_key_i64(out, "amount", jin_get_i64(order, "amount"));
	jout_key_text(out, "currency", jin_get_text(order, "currency"));
	jout_key(out, "seats");
	render_seats(out, jin_get(order, "seats"));
	jout_key(out, "tickets");
	jout_array(out);
	for (size_t i = 0; i < jin_array_length(tickets); i++)
		render_ticket(core, out, show_id, jin_array_at(tickets, i), has_codes);
	jout_end(out);
	jout_key(out, "payments");
	jout_array(out);
	for (size_t i = 0; i < jin_array_length(payments); i++)
		render_payment(out, jin_array_at(payments, i));
	jout_end(out);
	jout_key_time(out, "created_at", jin_get_i64(order, "created_at"));
	render_time(out, "expires_at", order);
	if (jin_get(order, "expires_at") == NULL)
		jout_key_null(out, "expires_in");
	else
		jout_key_i64(out, "expires_in",
			     hold_seconds_left(jin_get_i64(order, "expires_at")));
}

void
order_render(struct core *core, struct jout *out, const struct jval *order)
{
	jout_object(out);
	render_members(core, out, order, true);
	jout_end(out);
}

void
order_render_paid(struct core *core, struct jout *out, const struct jval *result)
{
	jout_object(out);
	jout_key(out, "payment");
	render_payment(out, jin_get(result, "payment"));
	jout_key(out, "order");
	order_render(core, out, jin_get(result, "order"));
	jout_end(out);
}

enum err
order_create(struct core *core, int64_t show_id, const struct uuid *hold_id,
	     const struct core_key *key, struct order_answer *answer_r, struct buf *body)
{
	struct outcome_answer answer;
	struct outcome outcome;
	struct uuid order_id;
	struct jout out;
	enum err err;

	uuid_new(&order_id);
	err = call_show_order_create(core, show_id, &order_id, hold_id, key, &outcome);
	err = outcome_accept(core, err, &outcome);
	if (err != ERR_OK)
		return err;
	answer = outcome_answer(&outcome);
	jout_init(&out, body);
	order_render(core, &out, answer.body);
	*answer_r = (struct order_answer){.status = answer.status, .is_replay = answer.is_replay};
	return ERR_OK;
}

/* Renders the document in a row. Staff see whose order it is instead of the codes: who has a code
 * has the ticket. */
static enum err
render_row(struct core *core, struct jout *out, const struct db_rows *rows, size_t row,
	   bool has_owner)
{
	const struct jval *order;
	enum err err = read_json(core, rows, row, "order_doc", &order);

	if (err != ERR_OK)
		return err;
	jout_object(out);
	if (has_owner)
		jout_key_text(out, "user_id", jin_get_text(order, "user_id"));
	render_members(core, out, order, /* guard: codes */ !has_owner);
	jout_end(out);
	return ERR_OK;
}

enum err
order_read(struct core *core, int64_t show_id, const struct uuid *order_id,
	   const struct uuid *user_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_show_order(core, core->db, show_id, order_id, user_id, &rows);

	err = read_found(core, err, &rows);
	if (err != ERR_OK)
		return err;
	jout_init(&out, body);
	return render_row(core, &out, rows, 0, false);
}

enum err
order_render_list(struct core *core, const struct db_rows *rows, const struct list *list,
		  bool has_owner, struct buf *body)
{
	const struct list_span span = list_span(list, rows);
	struct list_key last = {0};
	struct jout out;
	enum err err;

	list_begin(&out, body);
	for (size_t i = 0; i < span.count; i++) {
		err = render_row(core, &out, rows, i, has_owner);
		if (err != ERR_OK)
			return err;
	}
	if (span.has_more) {
		last.at = db_i64(rows, span.last, "created_us");
		if (!db_uuid(rows, span.last, "order_id", &last.uuid))
			return fail_log(core->failure, CODE_INTERNAL, "an order without an id");
	}
	list_end(core, &out, list->kind, span.has_more, &last);
	return ERR_OK;
}

enum err
order_list_of_show(struct core *core, int64_t show_id, const char *state, const struct list *list,
		   struct buf *body)
{
	const struct db_rows *rows;
	enum err err = read_show_show_orders(core, core->read_db, show_id, state, list_at(list),
					     list_uuid(list), list_rows(list), &rows);

	if (err == ERR_OK)
		err = show_check(core, show_id, rows);
	return err != ERR_OK ? err : order_render_list(core, rows, list, true, body);
}

/* --- for people --- */

#define SHOW_ID_MAX "2147483647"

static const struct export_column export_columns[] = {
	{"show_id", false},       {"event_title", true}, {"starts_at", false},
	{"order_id", false},      {"user_id", false},    {"state", false},
	{"amount", false},        {"currency", false},   {"seats", false},
	{"labels", true},         {"sections", true},    {"rows", true},
	{"used", false},          {"payment_id", false}, {"method", false},
	{"payment_state", false}, {"created_at", false},
};

static enum err
read_export(struct core *core, const struct export *export, const struct db_rows **rows_r)
{
	return read_show_export_orders(core, core->db, export->key[0], export->key[1],
				       export->filters[0], rows_r);
}

void
order_export(struct export *export, const char *show)
{
	*export = (struct export){
		.columns = export_columns,
		.column_count = sizeof(export_columns) / sizeof(*export_columns),
		.keys = {"show_id", "order_id"},
		.key = {"0", EXPORT_NO_UUID},
		.filters = {show ? show : SHOW_ID_MAX},
		.read = read_export,
	};
	if (show)
		snprintf(export->key[0], EXPORT_KEY_SIZE, "%s", show);
}
