#include "config.h"

#include "core/account/wallet.h"

#include "call/account.h"
#include "core/account/user.h"
#include "core/core.h"
#include "core/export.h"
#include "core/list.h"
#include "core/outcome.h"
#include "db/db.h"
#include "json/jin.h"
#include "json/jout.h"

enum err
wallet_read(struct core *core, const struct uuid *user_id, struct buf *body)
{
	const struct db_rows *rows;
	struct jout out;
	enum err err = read_account_wallet(core, core->db, user_id, &rows);

	if (err != ERR_OK)
		return err;
	if (db_rows_count(rows) == 0)
		return user_gone(core); /* the wallet went with the account */
	jout_init(&out, body);
	jout_object(&out);
	jout_key_i64(&out, "balance", db_i64(rows, 0, "balance"));
	jout_key_text(&out, "currency", db_text(rows, 0, "currency"));
	jout_end(&out);
	return ERR_OK;
}

static void
render_charge(struct jout *out, const struct jval *result)
{
	const struct jval *entry = jin_get(result, "entry");

	jout_object(out);
	jout_key_i64(out, "balance", jin_get_i64(result, "balance"));
	jout_key_text(out, "currency", jin_get_text(result, "currency"));
	jout_key(out, "entry");
	jout_object(out);
	jout_key_i64(out, "id", jin_get_i64(entry, "id"));
	jout_key_text(out, "kind", jin_get_text(entry, "kind"));
	jout_key_i64(out, "amount", jin_get_i64(entry, "amount"));
	jout_key_i64(out, "balance_after", jin_get_i64(entry, "balance_after"));
	jout_key_text(out, "order_id", jin_get_text(entry, "order_id"));
	jout_key_time(out, "at", jin_get_i64(entry, "at"));
	jout_end(out);
	jout_end(out);
}

enum err
wallet_charge(struct core *core, int64_t amount_minor, const struct core_key *key,
	      bool *is_replay_r, struct buf *body)
{
	struct outcome_answer answer;
	struct outcome outcome;
	struct jout out;
	enum err err = call_account_wallet_charge(core, amount_minor, key, &outcome);

	if (err != ERR_OK)
		return err;
	if (outcome_is(&outcome, "not_found"))
		return user_gone(core);
	err = outcome_check(core, &outcome);
	if (err != ERR_OK)
		return err;
	answer = outcome_answer(&outcome);
	jout_init(&out, body);
	render_charge(&out, answer.body);
	*is_replay_r = answer.is_replay;
	return ERR_OK;
}

static void
render_entry(struct jout *out, const struct db_rows *rows, size_t row)
{
	jout_object(out);
	jout_key_i64(out, "id", db_i64(rows, row, "id"));
	jout_key_text(out, "kind", db_text(rows, row, "kind"));
	jout_key_i64(out, "amount", db_i64(rows, row, "amount"));
	jout_key_i64(out, "balance_after", db_i64(rows, row, "balance_after"));
	jout_key_text(out, "order_id", db_text(rows, row, "order_id"));
	jout_key_time(out, "at", db_i64(rows, row, "at"));
	jout_end(out);
}

enum err
wallet_entries(struct core *core, const struct uuid *user_id, const struct list *list,
	       struct buf *body)
{
	const struct db_rows *rows;
	enum err err = read_account_wallet_entries(core, core->db, user_id, list_number(list),
						   list_rows(list), &rows);

	if (err != ERR_OK)
		return err;
	list_render_numbered(core, list, rows, "id", render_entry, body);
	return ERR_OK;
}

/* --- for people --- */

static const struct export_column export_columns[] = {
	{"user_id", false},       {"entry_no", false},   {"account", false},
	{"kind", false},          {"amount", false},     {"currency", false},
	{"balance_after", false}, {"payment_id", false}, {"order_id", false},
	{"show_id", false},       {"at", false},
};

static enum err
read_export(struct core *core, const struct export *export, const struct db_rows **rows_r)
{
	return read_account_export_ledger(core, core->db, export->key[0], export->key[1],
					  export->key[2], export->filters[0], export->filters[1],
					  rows_r);
}

void
wallet_export(struct export *export, const char *from, const char *to)
{
	*export = (struct export){
		.columns = export_columns,
		.column_count = sizeof(export_columns) / sizeof(*export_columns),
		.keys = {"user_id", "entry_no", "account"},
		.key = {EXPORT_NO_UUID, "0", "wallet"},
		.filters = {from, to},
		.read = read_export,
	};
}
