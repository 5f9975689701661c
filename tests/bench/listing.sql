-- What the read models know of the bench's shows, and the events they belong to. After data.sql.
INSERT INTO directory.venues (name, region) VALUES ('Venue', 'Seoul');
INSERT INTO directory.events (title, kind, running_minutes, description)
SELECT 'Bench event ' || n, 'concert', 120, 'An evening of figures' FROM generate_series(1, 20) AS n;
INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at,
	sales_open_at, sales_close_at, currency, capacity, seats_left, hold_seconds, max_seats_per_user)
SELECT show_id, event_id, hall, 'Seoul', (starts_at AT TIME ZONE 'Asia/Seoul')::date, layout_id, starts_at, ends_at,
	sales_open_at, sales_close_at, currency, capacity, capacity, hold_seconds, max_seats_per_user
FROM show.shows ON CONFLICT DO NOTHING;
INSERT INTO listing.grades (show_id, code, name, price, capacity, seats_left)
SELECT show_id, code, name, price, capacity, capacity FROM show.grades ON CONFLICT DO NOTHING;
SELECT count(*) FROM directory.events AS e, listing.event_recount(e.event_id);
