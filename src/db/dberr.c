/*
 * The first matching row counts. Constraints come first: their names are part of the interface. A
 * violation of a constraint that is not listed is a bug of ours.
 */
#include "config.h"

#include "db/dberr.h"

#include <string.h>

#define UNIQUE "23505"
#define EXCLUSION "23P01"
#define FOREIGN_KEY "23503"
#define CHECK "23514"

static const struct dberr rows[] = {
	{UNIQUE, "email_claims_pkey", DBERR_FAIL, CODE_EMAIL_TAKEN, true},
	/* asked again without a key after the hold had ended */
	{UNIQUE, "holds_pkey", DBERR_FAIL, CODE_HOLD_EXPIRED, true},
	/* an equal request was faster, and its answer is there now */
	/* guard: equal request */
	{UNIQUE, "requests_pkey", DBERR_REPEAT, CODE_UNAVAILABLE, true},
	/* guard: hall */
	{EXCLUSION, "show_slots_hall_free", DBERR_FAIL, CODE_HALL_BUSY, true},
	{CHECK, "wallets_balance_not_negative", DBERR_FAIL, CODE_INSUFFICIENT_BALANCE, true},
	{FOREIGN_KEY, "halls_venue_id_fkey", DBERR_FAIL, CODE_NOT_FOUND, true},
	{FOREIGN_KEY, "layouts_hall_id_fkey", DBERR_FAIL, CODE_NOT_FOUND, true},
	{FOREIGN_KEY, "show_slots_hall_id_fkey", DBERR_FAIL, CODE_NOT_FOUND, true},
	/* serialization failure, deadlock */
	/* guard: lost race */
	{"40001", NULL, DBERR_REPEAT, CODE_UNAVAILABLE, false},
	{"40P01", NULL, DBERR_REPEAT, CODE_UNAVAILABLE, false},
	/* cached plan must not change result type; no such prepared statement; the statement exists
	 * already */
	{"0A000", NULL, DBERR_PREPARE, CODE_INTERNAL, false},
	{"26000", NULL, DBERR_PREPARE, CODE_INTERNAL, false},
	{"42P05", NULL, DBERR_PREPARE, CODE_INTERNAL, false},
	/* read-only transaction: the primary became a standby */
	{"25006", NULL, DBERR_LEAVE, CODE_UNAVAILABLE, false},
	/* statement_timeout; lock_timeout: a buyer waits for another call of the same buyer */
	{"57014", NULL, DBERR_FAIL, CODE_UNAVAILABLE, false},
	{"55P03", NULL, DBERR_FAIL, CODE_UNAVAILABLE, false},
	/* connection exceptions, insufficient resources, operator intervention */
	{"08", NULL, DBERR_LEAVE, CODE_UNAVAILABLE, false},
	{"53", NULL, DBERR_FAIL, CODE_UNAVAILABLE, false},
	{"57P", NULL, DBERR_LEAVE, CODE_UNAVAILABLE, false},
	/* idle_in_transaction_session_timeout and its kin */
	{"25P", NULL, DBERR_LEAVE, CODE_UNAVAILABLE, false},
	/* data exceptions quote the value: invalid input syntax for type uuid: "…" */
	{"22", NULL, DBERR_FAIL, CODE_INTERNAL, true},
};

static const struct dberr other = {"", NULL, DBERR_FAIL, CODE_INTERNAL, false};

const struct dberr *
dberr_find(const char *sqlstate, const char *constraint)
{
	if (!sqlstate)
		return &other;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct dberr *row = &rows[i];

		if (strncmp(row->sqlstate, sqlstate, strlen(row->sqlstate)) != 0)
			continue;
		if (!row->constraint || (constraint && strcmp(row->constraint, constraint) == 0))
			return row;
	}
	return &other;
}
