-- Words from a closed list become enums, the wallet's currency a domain. The expression of a CHECK is read from its text at
-- every statement that writes the table, concerned or not: of a debit that was a third of the work.

CREATE TYPE account.ledger_account AS ENUM ('wallet', 'funding', 'sales');
CREATE TYPE account.ledger_kind AS ENUM ('charge', 'use', 'refund', 'void');
CREATE TYPE show.payment_method AS ENUM ('wallet', 'card');
CREATE TYPE show.ticket_state AS ENUM ('valid', 'void');
CREATE DOMAIN util.currency AS text CHECK (VALUE ~ '^[A-Z]{3}$');
COMMENT ON TYPE account.ledger_account IS 'wallet, or the counter account: funding for charges, sales for uses and refunds';
COMMENT ON TYPE account.ledger_kind IS 'void marks a payment that must never be debited';
COMMENT ON TYPE show.payment_method IS 'where the money comes from';
COMMENT ON TYPE show.ticket_state IS 'void once cancelled';
COMMENT ON DOMAIN util.currency IS 'ISO 4217';

ALTER TABLE account.wallets DROP CONSTRAINT wallets_currency_check, ALTER currency TYPE util.currency;

-- Functions that name these columns or words; they are made again behind the migrations.
DROP FUNCTION IF EXISTS show.payment_doc(show.payments);
DROP FUNCTION IF EXISTS account.ledger_post(uuid, text, text, bigint, uuid, uuid, int);
DROP INDEX account.ledger_payment_decided;
DROP INDEX account.ledger_refund_once;
ALTER TABLE account.ledger DROP CONSTRAINT ledger_amount_has_sign, DROP CONSTRAINT ledger_payment_is_named,
	DROP CONSTRAINT ledger_account_check, DROP CONSTRAINT ledger_kind_check;
ALTER TABLE account.ledger ALTER account TYPE account.ledger_account USING account::account.ledger_account,
	ALTER kind TYPE account.ledger_kind USING kind::account.ledger_kind;
-- A use takes from the wallet, all else gives to it, and the counter account the other way round; only a void moves nothing,
-- and only a charge belongs to no payment.
ALTER TABLE account.ledger ADD CONSTRAINT ledger_entry_is_sound CHECK (
	(amount < 0) = ((kind = 'use') = (account = 'wallet')) AND (amount = 0) = (kind = 'void')
	AND (payment_id IS NULL) = (kind = 'charge'));
CREATE UNIQUE INDEX ledger_payment_decided ON account.ledger (user_id, payment_id)
	WHERE account = 'wallet' AND kind IN ('use', 'void');
CREATE UNIQUE INDEX ledger_refund_once ON account.ledger (user_id, payment_id)
	WHERE account = 'wallet' AND kind = 'refund';

ALTER TABLE show.payments DROP CONSTRAINT payments_method_check,
	ALTER method TYPE show.payment_method USING method::show.payment_method;

DROP INDEX show.tickets_seat_live;
ALTER TABLE show.tickets DROP CONSTRAINT tickets_state_check, ALTER state DROP DEFAULT;
ALTER TABLE show.tickets ALTER state TYPE show.ticket_state USING state::show.ticket_state,
	ALTER state SET DEFAULT 'valid';
CREATE UNIQUE INDEX tickets_seat_live ON show.tickets (show_id, seat_no) WHERE state <> 'void';

-- A key's row is written twice, when it begins and with its answer: the second time on the same page.
ALTER TABLE show.idempotency SET (fillfactor = 70);

-- The tables that were written anew got their indexes anew: the order that 0007 gives them, again.
DROP INDEX show.payments_order_idx;
CREATE INDEX payments_order_idx ON show.payments (order_id);
DROP INDEX show.tickets_order_idx;
CREATE INDEX tickets_order_idx ON show.tickets (order_id);
