-- Demo season, part 1: people. Loaded once by `boxofficectl demo load`, all parts in one transaction, set by set.
--
-- Twenty buyers fan1@example.org … fan20@example.org with money in their wallets, operator@boxoffice.example and
-- admin@boxoffice.example. All have the password that `boxofficectl demo load` makes and prints.
SET LOCAL jit = off;

-- An installation that sells must not get an admin and buyers that nobody asked for.
DO $$ BEGIN
	IF EXISTS (SELECT FROM account.users) THEN
		RAISE EXCEPTION 'the database has accounts: the demo season is for one without';
	END IF;
END $$;

CREATE TEMPORARY TABLE demo_people ON COMMIT DROP AS
SELECT gen_random_uuid() AS user_id, email, name, role, charged
FROM (SELECT format('fan%s@example.org', n) AS email, format('Fan %s', n) AS name, 'user' AS role,
		n, 1000000 + 50000 * n AS charged FROM generate_series(1, 20) AS n
	UNION ALL VALUES ('operator@boxoffice.example', 'Demo Operator', 'operator', 21, 0),
		('admin@boxoffice.example', 'Demo Admin', 'admin', 22, 0)) AS p
ORDER BY n;

INSERT INTO account.users (user_id, email, password_hash, name, role)
SELECT user_id, email, current_setting('boxoffice.demo_password_hash'), name, role
FROM demo_people;

INSERT INTO directory.email_claims (email, user_id) SELECT email, user_id FROM demo_people;

-- One transfer each: both legs, the balance and the number of the entry.
INSERT INTO account.wallets (user_id, balance, last_entry_no)
SELECT user_id, charged, CASE WHEN charged > 0 THEN 1 ELSE 0 END FROM demo_people;

INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after)
SELECT user_id, 1, leg.account, 'charge', leg.sign * charged, CASE WHEN leg.sign = 1 THEN charged END
FROM demo_people, (VALUES ('wallet'::account.ledger_account, 1), ('funding', -1)) AS leg (account, sign)
WHERE charged > 0;

INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'account', user_id::text, 'user.created', '{}' FROM demo_people;
INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'account', user_id::text, 'wallet.charged', json_build_object('entry', 1, 'amount', charged)
FROM demo_people WHERE charged > 0;
