-- What the bench sells, by set-based SQL as the owner. Shows 1–100: 4,000 seats each, held for 5 s, for figures on
-- free seats. Show 101: 100 seats, held for 1 s, the hot one. Show 102: a hall of 20,000 seats to look at. Shows
-- 103–122: 20,000 seats each for purchases, held for 5 min. Shows 123–152: 2,000 seats each, two a round for the best
-- seats. The same seats in the reference.
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at,
	sales_close_at, currency, capacity, max_seats_per_user, hold_seconds, published_at)
SELECT n, 1 + n % 20,
	'{"id": 1, "name": "Hall", "venue": {"id": 1, "name": "Venue", "region": "Seoul", "time_zone": "Asia/Seoul"}}', 1,
	now() + interval '7 days', now() + interval '7 days 2 hours', now() - interval '1 day',
	now() + interval '7 days', 'KRW', CASE WHEN n <= 100 THEN 4000 WHEN n = 101 THEN 100 WHEN n <= 122 THEN 20000 ELSE 2000 END, 4,
	CASE WHEN n <= 100 THEN 5 WHEN n = 101 THEN 1 ELSE 300 END, now()
FROM generate_series(1, 152) AS n;
INSERT INTO show.grades (show_id, code, name, price, capacity)
SELECT s.show_id, g.code, g.code, g.price, s.capacity / 4
FROM show.shows AS s, (VALUES ('VIP', 150000), ('R', 120000), ('S', 90000), ('A', 60000)) AS g (code, price);
INSERT INTO show.seat_places (show_id, seat_no, label, grade)
SELECT show_id, n, 'A-' || n, (ARRAY['VIP', 'R', 'S', 'A'])[1 + n * 4 / capacity]
FROM show.shows, generate_series(0, capacity - 1) AS n;
INSERT INTO show.seats (show_id, seat_no) SELECT show_id, seat_no FROM show.seat_places ORDER BY show_id, seat_no;
-- The seats of the shows for the best seats: a hundred rows of twenty. The program makes the plan of it.
INSERT INTO directory.venues (venue_id, name, region) OVERRIDING SYSTEM VALUE VALUES (1000, 'Venue', 'Seoul');
INSERT INTO directory.halls (hall_id, venue_id, name) OVERRIDING SYSTEM VALUE VALUES (1000, 1000, 'Hall');
INSERT INTO directory.layouts (layout_id, hall_id, capacity, sections, labels, grades) OVERRIDING SYSTEM VALUE
SELECT 2, 1000, 2000, (SELECT json_build_array(json_build_object('name', 'A', 'rows', json_agg(json_build_object('name', r, 'seats', seats)
		ORDER BY r)))
	FROM (SELECT no / 20 AS r, json_agg(json_build_object('no', no, 'label', 'A-' || no, 'grade', (ARRAY['VIP', 'R', 'S', 'A'])[1 + no / 500],
			'x', 20 * (no % 20), 'y', no / 20) ORDER BY no) AS seats FROM generate_series(0, 1999) AS no GROUP BY r) AS one_row),
	(SELECT array_agg('A-' || no ORDER BY no) FROM generate_series(0, 1999) AS no),
	(SELECT array_agg((ARRAY['VIP', 'R', 'S', 'A'])[1 + no / 500] ORDER BY no) FROM generate_series(0, 1999) AS no);
UPDATE show.shows SET layout_id = 2 WHERE capacity = 2000;
DO $$ BEGIN PERFORM setval('directory.show_ids', 1000); END $$;
INSERT INTO reference.seats (show_id, seat_no) SELECT show_id, seat_no FROM show.seats ORDER BY show_id, seat_no;

-- Users as ten thousand numbers written as UUIDs, each with more money than the bench can spend.
INSERT INTO account.users (user_id, email, password_hash, name)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'bench-' || n || '@example.org', '-', 'Bench ' || n FROM generate_series(1, 10000) AS n;
INSERT INTO account.wallets (user_id, balance, last_entry_no) SELECT user_id, 1000000000000000, 1 FROM account.users;
INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after)
SELECT user_id, 1, a, 'charge', CASE a WHEN 'wallet' THEN 1000000000000000 ELSE -1000000000000000 END,
	CASE a WHEN 'wallet' THEN 1000000000000000 END
FROM account.users, unnest(ARRAY['wallet', 'funding']::account.ledger_account[]) AS a;
INSERT INTO reference.wallets SELECT user_id, balance FROM account.wallets;
-- Only what has been filled: statistics of an empty table would say for a while that any index is as good as the key.
VACUUM (ANALYZE, FREEZE) show.shows, show.grades, show.seat_places, show.seats, account.users, account.wallets,
	account.ledger, reference.seats, reference.wallets;
