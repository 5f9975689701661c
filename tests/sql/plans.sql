-- A database large enough that no plan reads a table whole because it is small: 5,000 shows of ten seats, 20,000 users,
-- each with an order and what belongs to it. Run as the owner on a migrated, empty database.
CREATE FUNCTION pg_temp.id(p_kind text, n int) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN CASE p_kind WHEN 'user' THEN lpad(to_hex(n), 32, '0')::uuid ELSE md5(p_kind || n)::uuid END;

-- --- directory
INSERT INTO directory.venues (name, region) SELECT 'Venue ' || n, 'Region ' || n % 5 FROM generate_series(1, 20) AS n;
INSERT INTO directory.halls (venue_id, name) SELECT 1 + n % 20, 'Hall ' || n FROM generate_series(1, 200) AS n;
INSERT INTO directory.layouts (hall_id, capacity, sections, labels, grades)
SELECT 1 + n % 200, 10, (SELECT json_build_array(json_build_object('name', 'A', 'rows', json_build_array(json_build_object('name', 'A',
		'seats', json_agg(json_build_object('no', i, 'label', 'A-' || i, 'grade', 'R', 'x', i, 'y', 1)))))) FROM generate_series(0, 9) AS i),
	array_fill('A-1'::text, ARRAY[10]), array_fill('R'::text, ARRAY[10])
FROM generate_series(1, 3000) AS n;
INSERT INTO directory.plans (layout_id, plan) SELECT layout_id, repeat('x', 100)::bytea FROM directory.layouts;
INSERT INTO directory.layout_chunks SELECT l.layout_id, c.* FROM directory.layouts AS l, util.layout_chunks(l.sections) AS c;
INSERT INTO directory.events (title, kind, running_minutes, description)
SELECT 'Event ' || n, (ARRAY['concert', 'movie', 'play'])[1 + n % 3], 120, repeat('x', 200) FROM generate_series(1, 3000) AS n;
INSERT INTO directory.show_slots (show_id, hall_id, during)
SELECT n, 1 + n % 200, tstzrange(now() + make_interval(hours => 3 * n), now() + make_interval(hours => 3 * n + 2))
FROM generate_series(1, 5000) AS n;
INSERT INTO directory.email_claims (email, user_id)
SELECT 'user' || n || '@example.org', pg_temp.id('user', n) FROM generate_series(1, 20000) AS n;
INSERT INTO directory.login_failures (email_hash, window_from, failures)
SELECT sha256(convert_to('nobody' || n, 'UTF8')), now(), 1 FROM generate_series(1, 5000) AS n;
INSERT INTO directory.requests (request_id, fingerprint, result, created_at)
SELECT md5('request' || n)::uuid, 'x', '{}', now() - make_interval(secs => n) FROM generate_series(1, 5000) AS n;
SELECT setval('directory.show_ids', 10000);

-- --- show: seats 0–3 of each are sold, the rest is free
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at,
	sales_close_at, currency, capacity, max_seats_per_user, hold_seconds, published_at, rerelease)
SELECT n, 1 + n % 3000, '{"id": 1, "name": "Hall", "venue": {"id": 1, "name": "Venue", "region": "Seoul", "time_zone": "Asia/Seoul"}}',
	1 + n % 3000, now() + make_interval(hours => n + 24), now() + make_interval(hours => n + 26), now() - interval '1 day',
	now() + make_interval(hours => n + 24), 'KRW', 10, 8, 300, now(), CASE WHEN n % 1000 = 7 THEN '{"every_s": 50000}'::jsonb END
FROM generate_series(1, 5000) AS n;
-- Of most nothing is left to write down.
UPDATE show.shows SET opened_at = now();
INSERT INTO show.blocks (show_id, seat_no, reason) SELECT n, 9, 'x' FROM generate_series(1001, 5000) AS n;
INSERT INTO show.grades (show_id, code, name, price, capacity) SELECT n, 'R', 'R', 1000, 10 FROM generate_series(1, 5000) AS n;
INSERT INTO show.seat_places (show_id, seat_no, label, grade)
SELECT n, i, 'A-' || i, 'R' FROM generate_series(1, 5000) AS n, generate_series(0, 9) AS i;
INSERT INTO show.plans (show_id, plan) SELECT n, repeat('x', 100)::bytea FROM generate_series(1, 5000) AS n;
INSERT INTO show.seats (show_id, seat_no, state, hold_id, version)
SELECT n, i, CASE WHEN i < 4 THEN 'sold' ELSE 'available' END::show.seat_state,
	CASE WHEN i < 4 THEN pg_temp.id('hold', 4 * n + i - 3) END, CASE WHEN i < 4 THEN 2 ELSE 0 END
FROM generate_series(1, 5000) AS n, generate_series(0, 9) AS i;
-- Purchase n is user n's, of one seat of show (n + 3) / 4.
INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until)
SELECT (n + 3) / 4, pg_temp.id('hold', n), pg_temp.id('user', n), show.buyer_key((n + 3) / 4, pg_temp.id('user', n)), 'confirmed', ARRAY[(n + 3) % 4],
	jsonb_build_array(jsonb_build_object('no', (n + 3) % 4, 'label', 'A-1', 'grade', 'R', 'price', 1000)), 1000, 'KRW', now(), now(), now()
FROM generate_series(1, 20000) AS n;
INSERT INTO show.orders (show_id, order_id, hold_id, user_id, state, amount, currency, created_at)
SELECT (n + 3) / 4, pg_temp.id('order', n), pg_temp.id('hold', n), pg_temp.id('user', n), 'paid', 1000, 'KRW', now()
FROM generate_series(1, 20000) AS n;
INSERT INTO show.payments (show_id, payment_id, order_id, user_id, method, state, amount, currency, started_at)
SELECT (n + 3) / 4, pg_temp.id('payment', n), pg_temp.id('order', n), pg_temp.id('user', n), 'wallet', 'approved', 1000, 'KRW', now()
FROM generate_series(1, 20000) AS n;
INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id, created_at)
SELECT (n + 3) / 4, pg_temp.id('ticket', n), pg_temp.id('order', n), (n + 3) % 4, pg_temp.id('user', n), now()
FROM generate_series(1, 20000) AS n;
INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
SELECT (n + 3) / 4, pg_temp.id('checkin', n), pg_temp.id('ticket', n), (n + 3) % 4, pg_temp.id('user', 1), 'already_used', now()
FROM generate_series(1, 20000) AS n;
INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, status, result, payment_id)
SELECT (n + 3) / 4, pg_temp.id('user', n), '/payments', 'key', 'x', 200, '{}', pg_temp.id('payment', n) FROM generate_series(1, 20000) AS n;
-- A night after which nothing was settled.
INSERT INTO show.refunds_due (show_id, payment_id, order_id, user_id)
SELECT (n + 3) / 4, pg_temp.id('payment', n), pg_temp.id('order', n), pg_temp.id('user', n) FROM generate_series(5, 20000, 4) AS n;
INSERT INTO show.settle_failures (show_id, payment_id, tries, error)
SELECT (n + 3) / 4, pg_temp.id('payment', n), CASE n % 100 WHEN 5 THEN 3 ELSE 1 END, 'x' FROM generate_series(5, 16000, 4) AS n;

-- --- account
INSERT INTO account.users (user_id, email, password_hash, name)
SELECT pg_temp.id('user', n), 'user' || n || '@example.org', '-', 'User ' || n FROM generate_series(1, 20000) AS n;
INSERT INTO account.signups (user_id) SELECT pg_temp.id('user', n) FROM generate_series(1, 20000) AS n;
INSERT INTO account.wallets (user_id, balance, last_entry_no) SELECT pg_temp.id('user', n), 999000, 2 FROM generate_series(1, 20000) AS n;
INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after, payment_id, order_id, show_id)
SELECT pg_temp.id('user', n), l.no, l.account, l.kind, l.amount, l.after, CASE l.no WHEN 2 THEN pg_temp.id('payment', n) END,
	CASE l.no WHEN 2 THEN pg_temp.id('order', n) END, CASE l.no WHEN 2 THEN (n + 3) / 4 END
FROM generate_series(1, 20000) AS n, (VALUES (1, 'wallet'::account.ledger_account, 'charge'::account.ledger_kind, 1000000, 1000000),
	(1, 'funding', 'charge', -1000000, NULL), (2, 'wallet', 'use', -1000, 999000), (2, 'sales', 'use', 1000, NULL))
	AS l (no, account, kind, amount, after);
INSERT INTO account.order_list (user_id, order_id, created_at, version, doc)
SELECT pg_temp.id('user', n), pg_temp.id('order', n), now(), 3, jsonb_build_object('id', pg_temp.id('order', n), 'state', 'paid')
FROM generate_series(1, 20000) AS n;
INSERT INTO account.sessions (user_id, session_id) SELECT pg_temp.id('user', n), pg_temp.id('session', n) FROM generate_series(1, 20000) AS n;
INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at)
SELECT pg_temp.id('user', n), pg_temp.id('session', n), convert_to('token', 'UTF8'), now() + interval '1 day' FROM generate_series(1, 20000) AS n;
INSERT INTO account.revocations (user_id, session_id, until)
SELECT pg_temp.id('user', n), pg_temp.id('old session', n), now() - interval '1 minute' FROM generate_series(1, 5000) AS n;
INSERT INTO account.login_addresses (user_id, address_hash, good_at)
SELECT pg_temp.id('user', n), sha256(convert_to('place', 'UTF8')), now() - make_interval(days => n % 40) FROM generate_series(1, 20000) AS n;
INSERT INTO account.idempotency (user_id, path, key, fingerprint, status, result)
SELECT pg_temp.id('user', n), '/charges', 'key', 'x', 201, '{}' FROM generate_series(1, 20000) AS n;

-- --- what is read from all of it
INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at,
	sales_open_at, sales_close_at, currency, capacity, seats_left, hold_seconds, max_seats_per_user)
SELECT show_id, event_id, hall, 'Region ' || show_id % 5, (starts_at AT TIME ZONE 'Asia/Seoul')::date, layout_id, starts_at,
	ends_at, sales_open_at, sales_close_at, currency, capacity, 6, hold_seconds, max_seats_per_user
FROM show.shows;
INSERT INTO listing.grades (show_id, code, name, price, capacity, seats_left) SELECT n, 'R', 'R', 1000, 10, 6 FROM generate_series(1, 5000) AS n;
INSERT INTO listing.events (event_id, venue, first_show_at, last_show_at, seats_left, next_change_at)
SELECT event_id, '{"id": 1, "name": "Venue", "region": "Seoul", "time_zone": "Asia/Seoul"}', min(starts_at), max(starts_at),
	sum(seats_left), min(sales_close_at)
FROM listing.shows GROUP BY event_id;
INSERT INTO log.event_log (tx, home, entity, kind, payload)
SELECT n::text::xid8, 'show', (1 + n % 5000)::text, 'hold.taken', '{"seats": []}' FROM generate_series(1, 30000) AS n;
INSERT INTO log.audit_trail (actor, action, object, trace_id) SELECT 'x', 'show.create', 'show ' || n, md5(n::text) FROM generate_series(1, 5000) AS n;
-- An endpoint that is away: of each entity one event is due or parked and two wait.
INSERT INTO log.retries (consumer, endpoint, entity, event_id, kind, payload, at, next_at, parked_at)
SELECT 'hooks', 'e' || n % 10, n::text, 3 * n + i, 'x', '{}', now(), CASE WHEN i = 0 AND n % 100 > 0 THEN now() END,
	CASE WHEN i = 0 AND n % 100 = 0 THEN now() END
FROM generate_series(1, 5000) AS n, generate_series(0, 2) AS i;
