/* Wallet: balance, charges and history. Paying from a wallet is in payment.h. */
#ifndef CORE_ACCOUNT_WALLET_H
#define CORE_ACCOUNT_WALLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "base/uuid.h"

struct buf;
struct core;
struct core_key;
struct export;
struct list;

MUST_USE enum err
wallet_read(struct core *core, const struct uuid *user_id, struct buf *body);

/* Puts money in, once per key. Answers 201 with {balance, currency, entry}. */
MUST_USE enum err
wallet_charge(struct core *core, int64_t amount_minor, const struct core_key *key,
	      bool *is_replay_r, struct buf *body);

/* History, newest first. */
MUST_USE enum err
wallet_entries(struct core *core, const struct uuid *user_id, const struct list *list,
	       struct buf *body);

/* Begins an export of both legs of the ledger. Days are in Seoul time, such as 2026-11-21; the
 * first and the last day are included, and NULL means any. */
void
wallet_export(struct export *export, const char *from, const char *to);

#endif
