-- Holds that have ended, for the sweep: 1 to 4 seats of each four in the shows 201 to 200 + :shows, of 4,000 seats each; the
-- same in the reference. Run again it ends them anew. Nothing else of the bench touches these shows.
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at,
	sales_close_at, currency, capacity, max_seats_per_user, hold_seconds, published_at)
SELECT 200 + n, 1, hall, 1, starts_at, ends_at, sales_open_at, sales_close_at, currency, 4000, 4, 300, now()
FROM show.shows, generate_series(1, :shows) AS n WHERE show_id = 1
ON CONFLICT DO NOTHING;
INSERT INTO show.seat_places (show_id, seat_no, label, grade)
SELECT 200 + n, seat_no, label, grade FROM show.seat_places, generate_series(1, :shows) AS n WHERE show_id = 1
ON CONFLICT DO NOTHING;
INSERT INTO show.seats (show_id, seat_no) SELECT show_id, seat_no FROM show.seat_places WHERE show_id BETWEEN 201 AND 300
ON CONFLICT DO NOTHING;
INSERT INTO reference.seats (show_id, seat_no) SELECT show_id, seat_no FROM show.seat_places WHERE show_id BETWEEN 201 AND 300
ON CONFLICT DO NOTHING;

-- What other figures left is not measured.
DELETE FROM reference.holds WHERE state = 'active';
CREATE TEMPORARY TABLE ended AS
SELECT show_id, gen_random_uuid() AS hold_id, gen_random_uuid() AS user_id, array_agg(seat_no ORDER BY seat_no) AS seat_nos,
	jsonb_agg(jsonb_build_object('no', seat_no, 'label', label, 'grade', grade, 'price', 60000) ORDER BY seat_no) AS items,
	clock_timestamp() - interval '0.1 s' AS expires_at
FROM show.seat_places WHERE show_id BETWEEN 201 AND 300 AND seat_no % 4 <= seat_no / 4 % 4 GROUP BY show_id, seat_no / 4;
INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, seat_nos, items, amount, currency, taken_at, expires_at, last_until)
SELECT show_id, hold_id, user_id, show.buyer_key(show_id, user_id), seat_nos, items, 60000 * cardinality(seat_nos), 'KRW', expires_at - interval '0.1 s', expires_at, expires_at FROM ended;
UPDATE show.seats AS s SET state = 'held', hold_id = e.hold_id, held_until = e.expires_at, version = version + 1
FROM ended AS e, unnest(e.seat_nos) AS n WHERE s.show_id = e.show_id AND s.seat_no = n;
INSERT INTO reference.holds (hold_id, show_id, user_id, seat_nos, expires_at)
SELECT hold_id, show_id, user_id, seat_nos, expires_at FROM ended;
UPDATE reference.seats AS s SET state = 'held', hold_id = e.hold_id, held_until = e.expires_at, version = version + 1
FROM ended AS e, unnest(e.seat_nos) AS n WHERE s.show_id = e.show_id AND s.seat_no = n;
DROP TABLE ended;
VACUUM ANALYZE show.seats, show.holds, reference.seats, reference.holds;
