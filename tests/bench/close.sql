-- As many shows as :shows whose sales have opened, and closed since, and whose day is over: nobody has written the latter down.
DELETE FROM show.shows WHERE show_id > 1000000;
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency,
	capacity, max_seats_per_user, hold_seconds, published_at, opened_at)
SELECT 1000000 + n, 1 + n % 20,
	'{"id": 1, "name": "Hall", "venue": {"id": 1, "name": "Venue", "region": "Seoul", "time_zone": "Asia/Seoul"}}', 1,
	now() - interval '3 days', now() - interval '2 days' - n * interval '0.5 second', now() - interval '10 days',
	now() - interval '3 days', 'KRW', 100, 4, 300, now() - interval '10 days', now() - interval '10 days'
FROM generate_series(1, :shows) AS n;
VACUUM (ANALYZE) show.shows;
CHECKPOINT;
