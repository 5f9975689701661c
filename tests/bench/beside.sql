-- Halls in which the best seats are hard to find, for figure_beside. Show 1001: 20,000 seats, of which 85 % are off sale at
-- random. Show 1002: one row of 2,000 seats, every second one off sale. Show 1003: 2,000 rows of five. A hold lasts a second, so
-- that there is always something to take and somebody who wants it.
CREATE TEMP TABLE hall AS SELECT * FROM (VALUES
	(1001, 1001, 20000, 50, 5000), (1002, 1002, 2000, 2000, 2000), (1003, 1003, 10000, 5, 10000))
	AS h (show_id, layout_id, capacity, row_seats, section_seats);
INSERT INTO directory.layouts (layout_id, hall_id, capacity, sections, labels, grades) OVERRIDING SYSTEM VALUE
SELECT layout_id, 1000, capacity,
	(SELECT json_agg(json_build_object('name', s, 'rows', rows) ORDER BY s) FROM (
		SELECT s, json_agg(json_build_object('name', r, 'seats', seats) ORDER BY r) AS rows FROM (
			SELECT no / section_seats AS s, no / row_seats AS r,
				json_agg(json_build_object('no', no, 'label', no::text, 'grade', 'S', 'x', 20 * (no % row_seats), 'y', no / row_seats)
					ORDER BY no) AS seats
			FROM generate_series(0, capacity - 1) AS no GROUP BY s, r) AS one_row GROUP BY s) AS one_section),
	ARRAY(SELECT no::text FROM generate_series(0, capacity - 1) AS no), array_fill('S'::text, ARRAY[capacity])
FROM hall;
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency, capacity,
	max_seats_per_user, hold_seconds, published_at)
SELECT h.show_id, 1, s.hall, h.layout_id, s.starts_at, s.ends_at, s.sales_open_at, s.sales_close_at, s.currency, h.capacity, 100, 1, now()
FROM hall AS h, show.shows AS s WHERE s.show_id = 1;
INSERT INTO show.grades (show_id, code, name, price, capacity) SELECT show_id, 'S', 'S', 90000, capacity FROM hall;
INSERT INTO show.seat_places (show_id, seat_no, label, grade)
SELECT show_id, no, no::text, 'S' FROM hall, generate_series(0, capacity - 1) AS no ORDER BY 1, 2;
SELECT setseed(0.5);
INSERT INTO show.seats (show_id, seat_no, state)
SELECT show_id, no, (CASE WHEN show_id = 1001 AND random() < 0.85 OR show_id = 1002 AND no % 2 = 1 THEN 'blocked' ELSE 'available' END)::show.seat_state
FROM hall, generate_series(0, capacity - 1) AS no ORDER BY 1, 2;
VACUUM (ANALYZE) show.shows, show.grades, show.seat_places, show.seats;
