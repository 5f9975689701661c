-- Shows :first to :last of the growth bench: as many seats each as :seats, none when 0 (they are only listed). Five shows an
-- event, over four months from tomorrow; few enough kinds and regions that twenty events fill a page of each.
INSERT INTO directory.venues (name, region)
SELECT 'Venue ' || n, 'Region ' || n FROM generate_series(1, 2) AS n WHERE NOT EXISTS (SELECT FROM directory.venues);
INSERT INTO directory.events (event_id, title, kind, rating, running_minutes, description) OVERRIDING SYSTEM VALUE
SELECT n, 'Growing event ' || n, (ARRAY['concert', 'movie'])[1 + n % 2],
	(ARRAY['ALL', '12', '15'])[1 + n % 3], 120, repeat('An evening of figures. ', 10)
FROM generate_series((:first + 4) / 5, (:last + 4) / 5) AS n ON CONFLICT DO NOTHING;
CREATE TEMP TABLE added AS
SELECT n AS show_id, (n + 4) / 5 AS event_id, now() + interval '1 day' + e * interval '1 day' * 100 + n % 5 * interval '4 days' AS starts_at,
	jsonb_build_object('id', 1 + v, 'name', 'Hall', 'venue', jsonb_build_object('id', 1 + v, 'name', 'Venue ' || 1 + v,
		'region', 'Region ' || 1 + v, 'time_zone', 'Asia/Seoul')) AS hall
-- Where an event begins within the 100 days is drawn from its number.
FROM generate_series(:first, :last) AS n, LATERAL (SELECT hashint4((n + 4) / 5)::bigint % 10000 / 20000.0 + 0.5, (n + 4) / 5 % 2) AS d (e, v);
INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at,
	sales_open_at, sales_close_at, currency, capacity, seats_left, hold_seconds, max_seats_per_user)
SELECT show_id, event_id, hall, hall #>> '{venue,region}', (starts_at AT TIME ZONE 'Asia/Seoul')::date, 1,
	starts_at, starts_at + interval '2 hours', now() - interval '1 day', starts_at, 'KRW', 1000, 1000, 1, 20
FROM added ORDER BY show_id;
INSERT INTO listing.grades (show_id, code, name, price, capacity, seats_left) SELECT show_id, 'R', 'R', 1000, 1000, 1000 FROM added;
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency,
	capacity, max_seats_per_user, hold_seconds, published_at)
SELECT show_id, event_id, hall, 1, starts_at, starts_at + interval '2 hours', now() - interval '1 day',
	starts_at, 'KRW', greatest(:seats, 1), 20, 1, now()
FROM added ORDER BY show_id;
INSERT INTO show.grades (show_id, code, name, price, capacity) SELECT show_id, 'R', 'R', 1000, greatest(:seats, 1) FROM added ORDER BY show_id;
INSERT INTO show.seat_places (show_id, seat_no, label, grade)
SELECT show_id, n, 'A-' || n, 'R' FROM added, generate_series(0, :seats - 1) AS n;
INSERT INTO show.seats (show_id, seat_no) SELECT show_id, n FROM added, generate_series(0, :seats - 1) AS n;
