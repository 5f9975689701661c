-- The world of the specs, loaded behind the real schema: one show of eight seats, three users, one hall; and the words
-- that specs are written in. Ids are hashes of short names, so that what is printed is always the same.
CREATE SCHEMA iso;

CREATE TABLE iso.names (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE iso.audits (name text PRIMARY KEY, statement text NOT NULL);
CREATE TABLE iso.positions (name text PRIMARY KEY, from_xmin xid8, to_xmin xid8, id bigint NOT NULL DEFAULT 0);

CREATE FUNCTION iso.id(p_name text) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN md5(p_name)::uuid;

CREATE FUNCTION iso.ids(VARIADIC p_names text[]) RETURNS uuid[] LANGUAGE sql IMMUTABLE
RETURN ARRAY(SELECT iso.id(n) FROM unnest(p_names) WITH ORDINALITY AS t (n, i) ORDER BY i);

CREATE FUNCTION iso.hash(p_text text) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(convert_to(p_text, 'UTF8'));

INSERT INTO iso.names
SELECT iso.id(name), name
FROM (SELECT unnest(ARRAY['ann', 'bob', 'cho', 'family'])
	UNION ALL SELECT kind || n FROM unnest(ARRAY['h', 'o', 'p', 'r', 't']) AS kind, generate_series(0, 9) AS n) AS t (name);

-- So many hours behind the start of the show.
CREATE FUNCTION iso.at(p_hours int) RETURNS timestamptz LANGUAGE sql STABLE
RETURN date_trunc('day', (SELECT created_at FROM show.shows WHERE show_id = 1)) + make_interval(hours => 240 + p_hours);

CREATE FUNCTION iso.times(p_from int, p_to int) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object('starts_at', util.unix(iso.at(p_from)), 'ends_at', util.unix(iso.at(p_to)), 'sales_close_at', util.unix(iso.at(p_from)));

CREATE FUNCTION iso.name(p_id uuid) RETURNS text LANGUAGE sql STABLE
RETURN (SELECT name FROM iso.names WHERE id = p_id);

-- --- what is printed

-- A function's result without times, ids by their names.
CREATE FUNCTION iso.brief(p_result jsonb) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_words text[] := '{}';
	v_key text;
	v jsonb;
BEGIN
	IF jsonb_typeof(p_result) IS DISTINCT FROM 'object' THEN
		RETURN NULL;
	END IF;
	FOREACH v_key IN ARRAY ARRAY['id', 'role', 'state', 'seats', 'tickets', 'limit', 'taken', 'balance', 'debited', 'released',
			'cancelled', 'changed', 'skipped', 'refunds_left', 'shows', 'opened', 'closed', 'ended', 'status', 'amount', 'revoked_until', 'payment',
			'order', 'ticket', 'body'] LOOP
		v := p_result -> v_key;
		CONTINUE WHEN v IS NULL OR v = 'null';
		v_words := v_words || CASE
			WHEN v_key = 'id' AND jsonb_typeof(v) = 'string' THEN iso.name((v #>> '{}')::uuid)
			WHEN v_key IN ('role', 'state') THEN v #>> '{}'
			WHEN v_key = 'tickets' AND v = '[]' THEN NULL
			WHEN v_key = 'tickets' THEN 'tickets=' || (SELECT string_agg(iso.name((t ->> 'id')::uuid), ',') FROM jsonb_array_elements(v) AS t)
			WHEN v_key = 'seats' AND jsonb_typeof(v) = 'array' THEN
				'seats=' || (SELECT string_agg(coalesce(s ->> 'no', s #>> '{}'), ',') FROM jsonb_array_elements(v) AS s)
			WHEN v_key = 'revoked_until' THEN 'family revoked'
			WHEN jsonb_typeof(v) = 'object' THEN v_key || '=(' || iso.brief(v) || ')'
			ELSE v_key || '=' || (v #>> '{}') END;
	END LOOP;
	RETURN array_to_string(v_words, ' ');
END $$;
CREATE FUNCTION iso.brief(p_result json) RETURNS text LANGUAGE sql STABLE RETURN iso.brief(p_result::jsonb);

-- The names of the invariants that do not hold now.
CREATE FUNCTION iso.breaches(p_names text DEFAULT '') RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	v_audit iso.audits;
	v_count bigint;
	v_broken text[] := '{}';
BEGIN
	FOR v_audit IN SELECT * FROM iso.audits WHERE name ~ p_names ORDER BY name LOOP
		EXECUTE 'SELECT breaches FROM (' || v_audit.statement || ') AS a' INTO v_count;
		IF v_count > 0 THEN
			v_broken := v_broken || v_audit.name;
		END IF;
	END LOOP;
	RETURN coalesce(nullif(array_to_string(v_broken, ' '), ''), 'none');
END $$;

-- The show in one row: seats that are not available, holds, orders, payments, tickets, broken invariants.
CREATE VIEW iso.state AS SELECT
	(SELECT string_agg(format('%s:%s%s v%s', seat_no, state, '/' || iso.name(hold_id), version), ', ' ORDER BY seat_no)
		FROM show.seats WHERE show_id = 1 AND state <> 'available') AS seats,
	(SELECT string_agg(format('%s:%s', iso.name(hold_id), state), ', ' ORDER BY iso.name(hold_id)) FROM show.holds) AS holds,
	(SELECT string_agg(format('%s:%s v%s', iso.name(order_id), state, version), ', ' ORDER BY iso.name(order_id))
		FROM show.orders) AS orders,
	(SELECT string_agg(format('%s:%s', iso.name(payment_id), state), ', ' ORDER BY iso.name(payment_id))
		FROM show.payments) AS payments,
	(SELECT string_agg(format('%s:%s', iso.name(ticket_id), seat_no), ', ' ORDER BY seat_no, ticket_id)
		FROM show.tickets WHERE state <> 'void') AS tickets,
	iso.breaches() AS breaches;

-- The wallets in one row each: balance and entries in the order of booking.
CREATE VIEW iso.money AS SELECT iso.name(w.user_id) AS who, w.balance,
	(SELECT string_agg(concat_ws(' ', l.kind, iso.name(l.payment_id), l.amount), ', ' ORDER BY l.entry_no)
		FROM account.ledger AS l WHERE l.user_id = w.user_id AND l.account = 'wallet') AS entries,
	iso.breaches('wallet-balance|ledger-transfers') AS breaches
FROM account.wallets AS w WHERE w.last_entry_no > 0 ORDER BY 1;

-- --- what is prepared. A step that prepares must succeed; it prints nothing.

CREATE FUNCTION iso.expect(p_outcome text, p_wanted text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p_outcome IS DISTINCT FROM p_wanted THEN
		RAISE EXCEPTION 'prepared % instead of %', p_outcome, p_wanted;
	END IF;
END $$;

CREATE PROCEDURE iso.have_money(p_user text, p_amount bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM account.wallet_charge(iso.id(p_user), p_amount, '/prepared', 'prepared',
		iso.hash('prepared'), NULL)), 'created');
END $$;

CREATE PROCEDURE iso.have_hold(p_hold text, p_user text, p_seats int[]) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM show.hold_take(1, iso.id(p_hold), iso.id(p_user), p_seats, NULL)), 'created');
END $$;

CREATE PROCEDURE iso.have_order(p_order text, p_hold text, p_user text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM show.order_create(1, iso.id(p_order), iso.id(p_hold), iso.id(p_user), '/prepared',
		p_order, iso.hash('prepared'), NULL)), 'created');
END $$;

CREATE PROCEDURE iso.have_payment(p_payment text, p_order text, p_user text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM show.payment_begin(1, iso.id(p_order), iso.id(p_payment), 'wallet', iso.id(p_user),
		'/prepared', p_payment, iso.hash('prepared'), NULL)), 'ok');
END $$;

CREATE PROCEDURE iso.have_debit(p_payment text, p_order text, p_user text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM account.wallet_debit(iso.id(p_user), iso.id(p_payment), iso.id(p_order), 1,
		(SELECT amount FROM show.orders WHERE order_id = iso.id(p_order)), NULL)), 'ok');
END $$;

CREATE PROCEDURE iso.have_confirm(p_payment text, p_order text, VARIADIC p_tickets text[]) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM show.order_confirm(1, iso.id(p_order), iso.id(p_payment),
		(SELECT user_id FROM show.orders WHERE order_id = iso.id(p_order)), iso.ids(VARIADIC p_tickets), NULL)), 'ok');
END $$;

CREATE PROCEDURE iso.have_session(p_session text, p_user text, p_token text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM iso.expect((SELECT outcome FROM account.session_open(iso.id(p_user), iso.id(p_session), iso.hash(p_token), NULL, 3600)), 'ok');
END $$;

-- --- refresh tokens of the session "family" of ann

CREATE FUNCTION iso.refresh(p_token text, p_next text, p_session_ttl_s int DEFAULT 7776000, p_most int DEFAULT 60)
RETURNS TABLE (outcome text, brief text) LANGUAGE sql
BEGIN ATOMIC
	SELECT outcome, iso.brief(result) FROM account.session_refresh(iso.id('ann'), iso.id('family'), iso.hash(p_token),
		iso.hash(p_next), 3600, 900, p_session_ttl_s, p_most);
END;

CREATE FUNCTION iso.token_name(p_hash bytea) RETURNS text LANGUAGE sql STABLE
RETURN (SELECT 't' || n FROM generate_series(0, 9) AS n WHERE iso.hash('t' || n) = p_hash);

-- The sessions in one row: unused tokens, used ones that are kept, ended sessions, sessions whose access tokens are refused.
CREATE VIEW iso.family AS SELECT
	string_agg(iso.token_name(token_hash), ' ' ORDER BY iso.token_name(token_hash)) FILTER (WHERE used_at IS NULL) AS unused,
	string_agg(iso.token_name(token_hash), ' ' ORDER BY iso.token_name(token_hash)) FILTER (WHERE used_at IS NOT NULL) AS used,
	(SELECT count(*) FROM account.sessions WHERE revoked_at IS NOT NULL) AS revoked,
	(SELECT count(*) FROM account.revocations WHERE until > clock_timestamp()) AS access_refused
FROM account.refresh_tokens;

-- A session and its tokens become so many seconds older.
CREATE PROCEDURE iso.pass_time(p_session text, p_seconds int) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	v_time interval := make_interval(secs => p_seconds);
BEGIN
	UPDATE account.sessions SET created_at = created_at - v_time, used_at = used_at - v_time, refreshes_from = refreshes_from - v_time
	WHERE session_id = iso.id(p_session);
	UPDATE account.refresh_tokens SET issued_at = issued_at - v_time, expires_at = expires_at - v_time, used_at = used_at - v_time
	WHERE session_id = iso.id(p_session);
END $$;

-- --- what an account has repeated

CREATE PROCEDURE iso.have_charges(p_user text, p_count int, p_ago_s int DEFAULT 0) LANGUAGE sql SECURITY DEFINER AS $$
	UPDATE account.wallets SET charges = p_count, charges_from = clock_timestamp() - make_interval(secs => p_ago_s)
	WHERE user_id = iso.id(p_user)
$$;

CREATE PROCEDURE iso.have_orders(p_user text, p_count int) LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until, ended_at)
	SELECT 1, iso.id('past hold ' || n), iso.id(p_user), show.buyer_key(1, iso.id(p_user)), 'released', '{0}', '[]', 1, 'KRW', clock_timestamp(),
		clock_timestamp(), clock_timestamp(), '-infinity' FROM generate_series(1, p_count) AS n;
	INSERT INTO show.orders (show_id, order_id, hold_id, user_id, state, amount, currency, created_at)
	SELECT 1, iso.id('past order ' || n), iso.id('past hold ' || n), iso.id(p_user), 'refunded', 1, 'KRW', clock_timestamp()
	FROM generate_series(1, p_count) AS n
$$;

CREATE PROCEDURE iso.have_keys(p_user text, p_path text, p_count int) LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, status, result)
	SELECT 1, iso.id(p_user), p_path, 'past ' || n, 'x', 200, '{}' FROM generate_series(1, p_count) AS n
$$;

CREATE PROCEDURE iso.have_payments(p_order text, p_count int) LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO show.payments (show_id, payment_id, order_id, user_id, method, state, amount, currency, started_at)
	SELECT 1, iso.id('past payment ' || n), order_id, user_id, 'wallet', 'declined', amount, currency, clock_timestamp()
	FROM show.orders, generate_series(1, p_count) AS n WHERE order_id = iso.id(p_order);
	UPDATE show.orders SET version = version + 2 * p_count WHERE order_id = iso.id(p_order)
$$;

CREATE PROCEDURE iso.have_checkins(p_ticket text, p_seat int, p_count int) LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
	SELECT 1, iso.id('past try ' || n), iso.id(p_ticket), p_seat, iso.id('cho'), 'already_used', clock_timestamp()
	FROM generate_series(1, p_count) AS n
$$;

-- All holds are so many hours older.
CREATE PROCEDURE iso.age_holds(p_hours int) LANGUAGE plpgsql AS $$
BEGIN
	UPDATE show.holds SET ended_at = ended_at - make_interval(hours => p_hours) WHERE isfinite(ended_at);
END $$;

-- What the audit trail has is a day older.
CREATE PROCEDURE iso.pass_day() LANGUAGE sql SECURITY DEFINER AS $$
	UPDATE log.audit_trail SET at = at - interval '1 day'
$$;

-- The clock passes the end of a hold. Seats that a payment keeps have no end.
CREATE PROCEDURE iso.expire(p_hold text, p_ago_s int DEFAULT 1) LANGUAGE plpgsql AS $$
DECLARE
	v_at timestamptz := clock_timestamp() - make_interval(secs => p_ago_s);
BEGIN
	UPDATE show.holds SET expires_at = v_at WHERE show_id = 1 AND hold_id = iso.id(p_hold);
	UPDATE show.seats SET held_until = v_at
	WHERE show_id = 1 AND hold_id = iso.id(p_hold) AND state = 'held' AND held_until < 'infinity';
END $$;

-- The hold lasted so long and its time was over so long ago; nobody has written it down.
CREATE PROCEDURE iso.kept(p_hold text, p_s int, p_ago_s int) LANGUAGE plpgsql AS $$
BEGIN
	CALL iso.expire(p_hold, p_ago_s);
	UPDATE show.holds SET taken_at = expires_at - make_interval(secs => p_s) WHERE show_id = 1 AND hold_id = iso.id(p_hold);
END $$;

-- --- what parks: locks that the calling transaction keeps until its end

CREATE PROCEDURE iso.lock_buyer(p_user text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(show.buyer_key(1, iso.id(p_user)));
END $$;

CREATE PROCEDURE iso.lock_seat(p_no int) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(1, p_no);
END $$;

CREATE PROCEDURE iso.lock_seat_row(p_no int) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM show.seats WHERE show_id = 1 AND seat_no = p_no FOR UPDATE;
END $$;

CREATE PROCEDURE iso.lock_hold_row(p_hold text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM show.holds WHERE show_id = 1 AND hold_id = iso.id(p_hold) FOR UPDATE;
END $$;

CREATE PROCEDURE iso.lock_wallet(p_user text) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	PERFORM FROM account.wallets WHERE user_id = iso.id(p_user) FOR UPDATE;
END $$;

CREATE PROCEDURE iso.lock_session(p_user text, p_session text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM account.sessions WHERE user_id = iso.id(p_user) AND session_id = iso.id(p_session) FOR UPDATE;
END $$;

CREATE PROCEDURE iso.lock_show() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(1, -1);
END $$;

-- What an operator might do by hand.
CREATE PROCEDURE iso.block_seat(p_no int) LANGUAGE plpgsql AS $$
BEGIN
	UPDATE show.seats SET state = 'blocked', hold_id = NULL, held_until = NULL WHERE show_id = 1 AND seat_no = p_no;
	INSERT INTO show.blocks (show_id, seat_no, reason, blocked_by) VALUES (1, p_no, 'by hand', iso.id('cho'));
END $$;

-- --- readers of the event log

CREATE FUNCTION iso.event_text(p_id bigint) RETURNS text LANGUAGE sql STABLE
RETURN (SELECT e.kind || coalesce(' ' || iso.name((e.payload ->> 'hold_id')::uuid), '') FROM log.event_log AS e WHERE e.id = p_id);

-- As the relay reads: windows of transactions that have all ended, by id inside each; then the cursor moves. p_most: of more
-- transactions a window is a part.
CREATE FUNCTION iso.read_windows(p_limit int DEFAULT 100, p_most int DEFAULT 1000000) RETURNS TABLE (events text) LANGUAGE plpgsql AS $$
DECLARE
	v record;
	v_event record;
	v_window text;
	v_count int;
	v_xmin xid8;
BEGIN
	SELECT * INTO STRICT v FROM iso.cursor('isolation');
	LOOP
		v_count := 0;
		FOR v_event IN SELECT * FROM iso.events_taken(v.from_xmin, v.to_xmin, v.id, p_limit, 'show', ARRAY['%'], NULL, NULL, '') LOOP
			v_window := concat_ws(', ', v_window, iso.event_text(v_event.id));
			v.id := v_event.id;
			v_count := v_count + 1;
		END LOOP;
		CONTINUE WHEN v_count = p_limit;
		events := nullif(concat_ws(' | ', events, v_window), '');
		v_window := NULL;
		v_xmin := iso.log_xmin();
		EXIT WHEN v_xmin <= v.to_xmin;
		v.from_xmin := v.to_xmin;
		v.to_xmin := least(v_xmin, iso.log_window_end(v.from_xmin, (v.from_xmin::text::bigint + p_most)::text::xid8));
		v.id := 0;
	END LOOP;
	PERFORM iso.expect((SELECT outcome FROM log.cursor_set('isolation', v.from_xmin, v.to_xmin, v.id)), 'ok');
	RETURN NEXT;
END $$;

-- The control: a reader that remembers the highest id.
CREATE FUNCTION iso.read_by_id() RETURNS TABLE (events text) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	v_id bigint;
BEGIN
	SELECT string_agg(iso.event_text(e.id), ', ' ORDER BY e.id), max(e.id) INTO events, v_id
	FROM log.event_log AS e WHERE e.home = 'show' AND e.id > (SELECT p.id FROM iso.positions AS p WHERE p.name = 'naive');
	UPDATE iso.positions AS p SET id = coalesce(v_id, p.id) WHERE p.name = 'naive';
	RETURN NEXT;
END $$;

CREATE PROCEDURE iso.note_cursor() LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO iso.positions SELECT 'noted', from_xmin, to_xmin, id FROM log.cursors WHERE consumer = 'isolation';
$$;

-- Events for the consumer "slots" of show 1 that could not be delivered.
CREATE FUNCTION iso.put_aside(p_endpoint text, p_ids bigint[], p_error text) RETURNS TABLE (outcome text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT r.outcome FROM log.retry_add('slots', p_endpoint, '1', p_ids, array_fill('kind'::text, ARRAY[cardinality(p_ids)]),
		array_fill('{}'::json, ARRAY[cardinality(p_ids)]), NULL, array_fill(clock_timestamp(), ARRAY[cardinality(p_ids)]), p_error, 2000) AS r;
END $$;

-- --- what is old

-- An account that signed up so long ago and has claimed nothing.
CREATE PROCEDURE iso.have_signup(p_user text, p_ago_s int) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	DELETE FROM account.users WHERE user_id = iso.id(p_user);
	DELETE FROM account.wallets WHERE user_id = iso.id(p_user);
	DELETE FROM account.signups WHERE user_id = iso.id(p_user);
	PERFORM account.user_create(iso.id(p_user), p_user || '@example.org', 'x', p_user, NULL, NULL);
	UPDATE account.users SET created_at = clock_timestamp() - make_interval(secs => p_ago_s) WHERE user_id = iso.id(p_user);
END $$;

-- A session so many days old, whose refresh tokens live so many days more, and which ended so many days ago if at all.
CREATE PROCEDURE iso.age_session(p_session text, p_days int, p_left_days int, p_ended_days int DEFAULT NULL) LANGUAGE plpgsql
	SECURITY DEFINER AS $$
BEGIN
	UPDATE account.sessions SET created_at = clock_timestamp() - make_interval(days => p_days),
		revoked_at = clock_timestamp() - make_interval(days => p_ended_days) WHERE session_id = iso.id(p_session);
	UPDATE account.refresh_tokens SET expires_at = clock_timestamp() + make_interval(days => p_left_days)
	WHERE session_id = iso.id(p_session);
END $$;

-- A day of the event log that is long past, with one event, which nobody has read; and the days around today.
CREATE PROCEDURE iso.have_old_day() LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	IF to_regclass('log.event_log_20200101') IS NULL THEN
		CREATE TABLE log.event_log_20200101 PARTITION OF log.event_log
			FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-01-02 00:00:00+00');
		ALTER TABLE log.event_log_20200101 OWNER TO boxoffice_owner;
	END IF;
	PERFORM log.partitions_make(3);
	CALL iso.write_old();
	UPDATE log.cursors SET from_xmin = e.tx, to_xmin = e.tx FROM log.event_log_20200101 AS e;
END $$;

CREATE PROCEDURE iso.write_old() LANGUAGE sql SECURITY DEFINER AS $$
	INSERT INTO log.event_log (home, entity, kind, payload, at) VALUES ('account', 'x', 'old', '{}', '2020-01-01 12:00:00+00')
$$;

-- Readers have read all that they can see of it, or, if ahead, of another database.
CREATE PROCEDURE iso.read_old(p_is_ahead boolean DEFAULT false) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	UPDATE log.cursors SET from_xmin = x, to_xmin = x FROM (SELECT CASE WHEN p_is_ahead THEN '4611686018427387904'
		ELSE (max(tx::text::numeric) + 1)::text END::xid8 AS x FROM log.event_log_20200101) AS t;
END $$;

-- As after a restore.
CREATE PROCEDURE iso.be_ahead() LANGUAGE sql SECURITY DEFINER AS $$
	UPDATE log.cursors SET from_xmin = '4611686018427387904', to_xmin = '4611686018427387904' WHERE consumer = 'isolation'
$$;

CREATE FUNCTION iso.drawn() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT last_value FROM directory.show_ids';

-- What only the owner may call.
CREATE FUNCTION iso.command(p_call text) RETURNS TABLE (outcome text, result json) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	RETURN QUERY EXECUTE 'SELECT outcome, result FROM ' || p_call;
END $$;

-- What no program may write, so that the constraints are met that stand behind the rights.
CREATE PROCEDURE iso.write(p_statement text) LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	EXECUTE p_statement;
END $$;

-- Readers have read nothing, as the other specs begin.
CREATE PROCEDURE iso.unread() LANGUAGE sql SECURITY DEFINER AS $$
	UPDATE log.cursors SET from_xmin = '3', to_xmin = '3'
$$;

-- Whoever waits does so until the other one has ended, on a slow machine too.
ALTER FUNCTION log.partition_drop(int) SET lock_timeout = '20s';
ALTER FUNCTION show.show_lock(int) SET lock_timeout = '20s';

-- --- the beginning

CREATE PROCEDURE iso.reset() LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	DELETE FROM show.checkins;
	DELETE FROM show.tickets;
	DELETE FROM show.refunds_due;
	DELETE FROM show.settle_failures;
	DELETE FROM show.payments;
	DELETE FROM show.orders;
	DELETE FROM show.holds;
	DELETE FROM show.idempotency;
	DELETE FROM show.blocks;
	UPDATE show.seats SET state = 'available', hold_id = NULL, held_until = NULL, version = 0
	WHERE version > 0 OR state <> 'available';
	UPDATE show.shows SET rerelease = NULL, rereleased_at = NULL, rerelease_off_at = NULL, cancelled_at = NULL, opened_at = NULL, closed_at = NULL,
		sales_open_at = created_at - interval '1 day', revision = iso.id('r0'), starts_at = iso.at(0), ends_at = iso.at(2),
		sales_close_at = iso.at(0), hold_seconds = 300
	WHERE rerelease IS NOT NULL OR rereleased_at IS NOT NULL OR rerelease_off_at IS NOT NULL OR cancelled_at IS NOT NULL OR opened_at IS NOT NULL
		OR sales_open_at > clock_timestamp() OR revision <> iso.id('r0') OR sales_close_at <> iso.at(0);
	UPDATE show.grades SET price = 10000 WHERE price <> 10000;
	DELETE FROM account.ledger;
	DELETE FROM account.idempotency;
	DELETE FROM account.login_addresses;
	DELETE FROM account.refresh_tokens;
	DELETE FROM account.revocations;
	DELETE FROM account.sessions;
	UPDATE account.wallets SET balance = 0, last_entry_no = 0, charges = 0, charges_from = NULL WHERE last_entry_no > 0 OR charges > 0;
	UPDATE account.users SET role = 'user' WHERE role <> 'user';
	UPDATE account.users SET name = split_part(email, '@', 1), phone = NULL WHERE name <> split_part(email, '@', 1) OR phone IS NOT NULL;
	DELETE FROM directory.email_claims;
	DELETE FROM directory.login_failures;
	DELETE FROM directory.requests;
	DELETE FROM directory.events;
	DELETE FROM directory.layouts;
	DELETE FROM directory.halls WHERE hall_id > 1;
	DELETE FROM directory.venues WHERE venue_id > 1;
	DELETE FROM directory.show_slots WHERE slot_id <> iso.id('r0');
	INSERT INTO directory.show_slots (show_id, slot_id, hall_id, during) VALUES (1, iso.id('r0'), 1, tstzrange(iso.at(0), iso.at(2)))
	ON CONFLICT (show_id, slot_id) DO NOTHING;
	DELETE FROM log.event_log;
	DELETE FROM log.audit_trail;
	DELETE FROM log.retries;
	DELETE FROM iso.positions;
	INSERT INTO iso.positions (name) VALUES ('naive');
	-- Only every 32nd draw is written ahead, and only such a draw gives the one who draws a transaction's number; so
	-- that none does in a spec, the first is drawn here.
	PERFORM setval('log.event_ids', 1);
	PERFORM nextval('log.event_ids');
	DELETE FROM log.cursors WHERE consumer = 'isolation';
	INSERT INTO log.cursors (consumer, from_xmin, to_xmin)
	SELECT 'isolation', x, x FROM pg_snapshot_xmin(pg_current_snapshot()) AS x;
END $$;

DO $$
DECLARE
	v_now bigint := extract(epoch FROM date_trunc('day', clock_timestamp()));
	v_hall jsonb;
BEGIN
	INSERT INTO directory.venues (venue_id, name, region) OVERRIDING SYSTEM VALUE VALUES (1, 'Venue', 'Seoul');
	INSERT INTO directory.halls (hall_id, venue_id, name) OVERRIDING SYSTEM VALUE VALUES (1, 1, 'Hall');
	ALTER TABLE directory.venues ALTER venue_id RESTART WITH 2;
	ALTER TABLE directory.halls ALTER hall_id RESTART WITH 2;
	v_hall := '{"id": 1, "name": "Hall", "venue": {"id": 1, "name": "Venue", "region": "Seoul", "time_zone": "Asia/Seoul"}}';
	PERFORM show.show_create(iso.id('cho'), jsonb_build_object('id', 1, 'event_id', 1, 'hall', v_hall,
		'layout_id', 1, 'starts_at', v_now + 864000, 'ends_at', v_now + 871200, 'sales_open_at', v_now - 86400,
		'sales_close_at', v_now + 864000, 'currency', 'KRW', 'capacity', 8, 'max_seats_per_user', 4, 'hold_seconds', 300,
		'grades', '[{"code": "R", "price": 10000, "capacity": 8}]'::jsonb));
	PERFORM show.show_seats_add(1, 0, array_agg('A-' || n), array_agg('R'::text)) FROM generate_series(1, 8) AS n;
	PERFORM directory.slot_take(1, 1, to_timestamp(v_now + 864000), to_timestamp(v_now + 871200));
	UPDATE directory.show_slots SET slot_id = iso.id('r0');
	UPDATE show.shows SET revision = iso.id('r0');
	PERFORM show.show_publish(1, NULL);
	PERFORM account.user_create(iso.id(name), name || '@example.org', 'none', name, NULL, NULL)
	FROM unnest(ARRAY['ann', 'bob', 'cho']) AS name;
END $$;

GRANT USAGE ON SCHEMA iso TO isolation;
GRANT SELECT ON ALL TABLES IN SCHEMA iso TO isolation;
