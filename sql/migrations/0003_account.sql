-- Account: users, sessions, wallet, ledger, own orders.
CREATE TABLE account.users (
	user_id uuid PRIMARY KEY,
	email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	password_hash text NOT NULL,
	name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
	phone text CHECK (phone ~ '^\+[0-9]{7,15}$'),
	role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
	created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE account.users IS 'an account; without an e-mail claim it cannot log in and is pruned after a day';
COMMENT ON COLUMN account.users.user_id IS 'made by the program that signs up';
COMMENT ON COLUMN account.users.email IS 'as typed; compared in lower case';
COMMENT ON COLUMN account.users.password_hash IS 'argon2id, encoded with its parameters';
COMMENT ON COLUMN account.users.name IS 'as shown on tickets';
COMMENT ON COLUMN account.users.phone IS '+ and digits, or null';
COMMENT ON COLUMN account.users.role IS 'user, operator or admin; each may what the one before may';
COMMENT ON COLUMN account.users.created_at IS 'when it signed up';

CREATE TABLE account.sessions (
	user_id uuid NOT NULL,
	session_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	revoked_at timestamptz,
	PRIMARY KEY (user_id, session_id)
);
COMMENT ON TABLE account.sessions IS 'a log-in: the family of refresh tokens that descend from it';
COMMENT ON COLUMN account.sessions.user_id IS 'who logged in';
COMMENT ON COLUMN account.sessions.session_id IS 'the family; also the sid of its access tokens';
COMMENT ON COLUMN account.sessions.created_at IS 'when';
COMMENT ON COLUMN account.sessions.revoked_at IS 'logged out or reused; null while good';

CREATE TABLE account.refresh_tokens (
	user_id uuid NOT NULL,
	session_id uuid NOT NULL,
	token_hash bytea NOT NULL,
	issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	successor_hash bytea,
	PRIMARY KEY (user_id, session_id, token_hash)
);
COMMENT ON TABLE account.refresh_tokens IS 'refresh tokens, by hash; a used one that comes again revokes its family';
COMMENT ON COLUMN account.refresh_tokens.user_id IS 'whose';
COMMENT ON COLUMN account.refresh_tokens.session_id IS 'family';
COMMENT ON COLUMN account.refresh_tokens.token_hash IS 'BLAKE2b-256 of the secret part';
COMMENT ON COLUMN account.refresh_tokens.issued_at IS 'when';
COMMENT ON COLUMN account.refresh_tokens.expires_at IS 'until when it may be used';
COMMENT ON COLUMN account.refresh_tokens.used_at IS 'when it was exchanged, null while unused';
COMMENT ON COLUMN account.refresh_tokens.successor_hash IS 'hash of the token it was exchanged for, so that a call repeated by the program is not taken for reuse';

CREATE TABLE account.revocations (
	user_id uuid NOT NULL,
	session_id uuid NOT NULL,
	until timestamptz NOT NULL,
	PRIMARY KEY (user_id, session_id)
);
CREATE INDEX revocations_until_idx ON account.revocations (until);
CREATE INDEX revocations_session_idx ON account.revocations (session_id);
COMMENT ON TABLE account.revocations IS 'sessions whose access tokens are refused; mirrored into every host''s shared memory';
COMMENT ON COLUMN account.revocations.user_id IS 'whose';
COMMENT ON COLUMN account.revocations.session_id IS 'session refused';
COMMENT ON COLUMN account.revocations.until IS 'when its last access token has expired by itself';

CREATE TABLE account.wallets (
	user_id uuid PRIMARY KEY,
	currency text NOT NULL DEFAULT 'KRW' CHECK (currency ~ '^[A-Z]{3}$'),
	balance bigint NOT NULL DEFAULT 0,
	last_entry_no bigint NOT NULL DEFAULT 0,
	CONSTRAINT wallets_balance_not_negative CHECK (balance >= 0)
);
COMMENT ON TABLE account.wallets IS 'balance of a user; its row lock orders all writes of the wallet';
COMMENT ON COLUMN account.wallets.user_id IS 'whose';
COMMENT ON COLUMN account.wallets.currency IS 'ISO 4217';
COMMENT ON COLUMN account.wallets.balance IS 'minor units; always the sum of the wallet''s ledger entries';
COMMENT ON COLUMN account.wallets.last_entry_no IS 'number of the newest ledger entry';

CREATE TABLE account.ledger (
	user_id uuid NOT NULL,
	entry_no bigint NOT NULL,
	account text NOT NULL CHECK (account IN ('wallet', 'funding', 'sales')),
	kind text NOT NULL CHECK (kind IN ('charge', 'use', 'refund', 'void')),
	amount bigint NOT NULL,
	balance_after bigint,
	payment_id uuid,
	order_id uuid,
	show_id int,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (user_id, entry_no, account),
	CONSTRAINT ledger_amount_has_sign CHECK (
		CASE kind WHEN 'void' THEN amount = 0 AND account = 'wallet'
			WHEN 'use' THEN (amount < 0) = (account = 'wallet') AND amount <> 0
			ELSE (amount > 0) = (account = 'wallet') AND amount <> 0 END),
	CONSTRAINT ledger_payment_is_named CHECK ((kind = 'charge') = (payment_id IS NULL))
);
-- One row decides a payment, whoever writes it first: the debit or its void.
CREATE UNIQUE INDEX ledger_payment_decided ON account.ledger (user_id, payment_id)
	WHERE account = 'wallet' AND kind IN ('use', 'void');
CREATE UNIQUE INDEX ledger_refund_once ON account.ledger (user_id, payment_id)
	WHERE account = 'wallet' AND kind = 'refund';
COMMENT ON TABLE account.ledger IS 'double entry, append only: the rows of one entry_no are one transfer and sum to 0';
COMMENT ON COLUMN account.ledger.user_id IS 'whose; both legs carry it';
COMMENT ON COLUMN account.ledger.entry_no IS 'transfer, 1, 2, 3 … by user, in the order of booking';
COMMENT ON COLUMN account.ledger.account IS 'wallet, or the counter account: funding for charges, sales for uses and refunds';
COMMENT ON COLUMN account.ledger.kind IS 'charge, use, refund; void marks a payment that must never be debited';
COMMENT ON COLUMN account.ledger.amount IS 'minor units, signed';
COMMENT ON COLUMN account.ledger.balance_after IS 'of the wallet; null on the counter leg';
COMMENT ON COLUMN account.ledger.payment_id IS 'payment that it belongs to; null for a charge';
COMMENT ON COLUMN account.ledger.order_id IS 'order paid or refunded';
COMMENT ON COLUMN account.ledger.show_id IS 'home of that order';
COMMENT ON COLUMN account.ledger.at IS 'when it was booked';

CREATE TABLE account.order_list (
	user_id uuid NOT NULL,
	order_id uuid NOT NULL,
	created_at timestamptz NOT NULL,
	version int NOT NULL,
	doc jsonb NOT NULL,
	PRIMARY KEY (user_id, order_id)
);
CREATE INDEX order_list_newest_idx ON account.order_list (user_id, created_at DESC, order_id DESC);
COMMENT ON TABLE account.order_list IS 'own orders, kept by the relay from the event log';
COMMENT ON COLUMN account.order_list.user_id IS 'whose';
COMMENT ON COLUMN account.order_list.order_id IS 'which';
COMMENT ON COLUMN account.order_list.created_at IS 'when it was placed; lists are newest first';
COMMENT ON COLUMN account.order_list.version IS 'of the document; an older one never replaces a newer';
COMMENT ON COLUMN account.order_list.doc IS 'the order as its last event carried it';

CREATE TABLE account.idempotency (
	user_id uuid NOT NULL,
	path text NOT NULL,
	key text NOT NULL,
	fingerprint bytea NOT NULL,
	status int NOT NULL,
	result jsonb NOT NULL,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (user_id, path, key)
);
CREATE INDEX idempotency_created_idx ON account.idempotency (created_at);
COMMENT ON TABLE account.idempotency IS 'first 2xx answers of writes in this home, by key; kept a day';
COMMENT ON COLUMN account.idempotency.user_id IS 'whose key';
COMMENT ON COLUMN account.idempotency.path IS 'of the request';
COMMENT ON COLUMN account.idempotency.key IS 'Idempotency-Key';
COMMENT ON COLUMN account.idempotency.fingerprint IS 'BLAKE2b-256 of the body';
COMMENT ON COLUMN account.idempotency.status IS 'of the answer';
COMMENT ON COLUMN account.idempotency.result IS 'what the answer is rendered from';
COMMENT ON COLUMN account.idempotency.created_at IS 'when';

GRANT SELECT ON ALL TABLES IN SCHEMA account TO boxoffice_app, boxoffice_batch, boxoffice_read;
REVOKE SELECT ON account.users, account.refresh_tokens, account.idempotency FROM boxoffice_read;
GRANT SELECT (user_id, name, role, created_at) ON account.users TO boxoffice_read;
GRANT INSERT ON ALL TABLES IN SCHEMA account TO boxoffice_app, boxoffice_batch;
GRANT UPDATE ON account.users, account.sessions, account.refresh_tokens, account.revocations, account.wallets,
	account.order_list TO boxoffice_app, boxoffice_batch;
GRANT DELETE ON account.users, account.sessions, account.refresh_tokens, account.revocations, account.idempotency
	TO boxoffice_batch;
