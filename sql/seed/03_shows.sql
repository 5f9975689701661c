-- Demo season, part 3: events and shows, counted from the day of loading, at hours of the venue's zone.
CREATE TEMPORARY TABLE demo_events (event int, title text, kind text, rating text, minutes int, description text) ON COMMIT DROP;
INSERT INTO demo_events VALUES
	(1, '별빛 콘서트 Starlight Live', 'concert', '12', 150, '한빛 아레나의 밤을 밝히는 이틀간의 공연. Two nights under an open sky of lights.'),
	(2, 'The Midnight Trains: Live in Seoul', 'concert', '15', 140, 'The band''s first night in Korea. 첫 내한 공연.'),
	(3, '한강의 노래 Song of the River', 'musical', '7', 160, '한 뱃사공의 삼대 이야기를 노래로. Three generations of a ferryman, sung.'),
	(4, '이웃집 고래 The Whale Next Door', 'play', '12', 100, '어느 날 옆집에 고래가 이사 왔다. One morning a whale moves in next door.'),
	(5, '겨울 나그네 Winter Journey', 'concert', 'ALL', 90, '바리톤과 피아노. Baritone and piano.'),
	(6, '심야 낭독회 Midnight Readings', 'other', '19', 70, '불을 끄고 듣는 단편. Short stories, read in the dark.'),
	(7, '달의 정원 Garden of the Moon', 'movie', '12', 128, '달에서 꽃을 기르는 식물학자. A botanist grows flowers on the moon.'),
	(8, 'Last Ferry to Jeju', 'movie', '15', 117, 'One storm, one ferry, nine strangers. 폭풍 속의 아홉 사람.'),
	(9, '꼬마 로켓 Little Rocket', 'movie', 'ALL', 84, '가장 작은 로켓의 가장 긴 여행. The smallest rocket on the longest trip.'),
	(10, '한빛 오픈 탁구 결승 Hanbit Open Final', 'sports', 'ALL', 180, '남녀 단식 결승. Both singles finals in one evening.'),
	(11, '빛의 방 Rooms of Light', 'exhibition', 'ALL', 60, '빛으로 만든 여덟 개의 방. Eight rooms made of light.'),
	(12, '월요일의 재즈 Monday Jazz', 'concert', NULL, 110, NULL);

CREATE TEMPORARY TABLE demo_event_ids ON COMMIT DROP AS
SELECT event, nextval(pg_get_serial_sequence('directory.events', 'event_id'))::int AS event_id FROM demo_events;
INSERT INTO directory.events (event_id, title, kind, rating, running_minutes, description) OVERRIDING SYSTEM VALUE
SELECT event_id, title, kind, rating, minutes, description FROM demo_events JOIN demo_event_ids USING (event);
INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'directory', 'event:' || event_id, 'event.created', json_build_object('id', event_id) FROM demo_event_ids;

-- Runs: from a day on, every so many days, so many days, at these hours; sales open so long from now (negative: have been
-- open so long) and close so long before the start; prices of VIP, R, S, A.
CREATE TEMPORARY TABLE demo_runs (event int, hall int, first_day int, step int, days int, hours time[], opens interval,
	closes interval, prices bigint[], seats_max int, hold_s int) ON COMMIT DROP;
INSERT INTO demo_runs VALUES
	(1, 1, 12, 1, 2, '{19:30}', '-3 days', '1 hour', '{187000,154000,132000,99000}', 4, 300),
	(2, 1, 40, 1, 1, '{20:00}', '2 days', '1 hour', '{198000,165000,143000,110000}', 4, 300),
	(3, 3, -1, 1, 1, '{19:30}', '-40 days', '0', '{150000,120000,90000,60000}', 6, 420),
	(3, 3, 2, 3, 8, '{19:30}', '-20 days', '30 minutes', '{150000,120000,90000,60000}', 6, 420),
	(3, 3, 30, 2, 2, '{19:30}', '5 days', '30 minutes', '{150000,120000,90000,60000}', 6, 420),
	(4, 4, 1, 2, 7, '{20:00}', '-10 days', '0', '{66000,55000,44000,33000}', 6, 300),
	(4, 4, 4, 7, 2, '{15:00}', '-10 days', '0', '{66000,55000,44000,33000}', 6, 300),
	(5, 4, 18, 2, 3, '{19:30}', '-5 days', '1 hour', '{88000,66000,55000,44000}', 4, 300),
	(6, 5, 3, 7, 4, '{23:00}', '-6 days', '0', '{40000,35000,30000,25000}', 2, 180),
	(7, 6, -1, 1, 1, '{20:00}', '-9 days', '0', '{20000,17000,15000,13000}', 8, 300),
	(7, 6, 1, 1, 3, '{10:30,14:00,19:10}', '-7 days', '-10 minutes', '{20000,17000,15000,13000}', 8, 300),
	(8, 7, 1, 1, 3, '{13:20,18:40}', '-7 days', '-10 minutes', '{20000,17000,15000,13000}', 8, 300),
	(9, 8, 1, 2, 4, '{11:00}', '-7 days', '-10 minutes', '{18000,15000,13000,11000}', 8, 300),
	(10, 1, 25, 1, 1, '{18:00}', '-1 day', '2 hours', '{77000,55000,44000,22000}', 8, 300),
	(11, 5, 2, 4, 4, '{11:00}', '-4 days', '0', '{25000,22000,19000,15000}', 10, 300),
	(12, 2, -7, 7, 1, '{20:30}', '-30 days', '0', '{55000,44000,38000,33000}', 4, 300),
	(12, 2, 7, 7, 3, '{20:30}', '-2 days', '2 hours', '{55000,44000,38000,33000}', 4, 300),
	(12, 2, 28, 7, 1, '{20:30}', '30 minutes', '2 hours', '{55000,44000,38000,33000}', 4, 300);

CREATE TEMPORARY TABLE demo_shows ON COMMIT DROP AS
SELECT nextval('directory.show_ids')::int AS show_id, e.event_id, h.hall_id, h.layout_id,
	json_build_object('id', h.hall_id, 'name', hall.name, 'venue', json_build_object('id', v.venue_id, 'name', v.name,
		'region', v.region, 'time_zone', v.time_zone))::jsonb AS hall,
	t.starts_at, t.starts_at + make_interval(mins => d.minutes) AS ends_at,
	date_trunc('minute', clock_timestamp() + r.opens) AS sales_open_at,
	t.starts_at - r.closes AS sales_close_at, r.prices, r.seats_max, r.hold_s
FROM demo_runs AS r JOIN demo_events AS d USING (event) JOIN demo_event_ids AS e USING (event)
JOIN demo_hall_ids AS h USING (hall) JOIN directory.halls AS hall USING (hall_id) JOIN directory.venues AS v USING (venue_id)
CROSS JOIN LATERAL generate_series(0, r.days - 1) AS n CROSS JOIN LATERAL unnest(r.hours) AS hour
CROSS JOIN LATERAL (SELECT ((clock_timestamp() AT TIME ZONE v.time_zone)::date + r.first_day + n * r.step + hour)
	AT TIME ZONE v.time_zone AS starts_at) AS t
ORDER BY t.starts_at;

INSERT INTO directory.show_slots (show_id, hall_id, during)
SELECT show_id, hall_id, tstzrange(starts_at, ends_at) FROM demo_shows;

INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at,
	currency, capacity, max_seats_per_user, hold_seconds, published_at)
SELECT s.show_id, s.event_id, s.hall, s.layout_id, s.starts_at, s.ends_at, s.sales_open_at, s.sales_close_at,
	'KRW', l.capacity, s.seats_max, s.hold_s, clock_timestamp()
FROM demo_shows AS s JOIN directory.layouts AS l USING (layout_id);

INSERT INTO show.grades (show_id, code, name, price, capacity)
SELECT s.show_id, g.code, g.code || '석', s.prices[array_position('{VIP,R,S,A}'::text[], g.code)], g.capacity
FROM demo_shows AS s CROSS JOIN LATERAL (SELECT code, count(*) AS capacity
	FROM directory.layouts AS l, unnest(l.grades) AS code WHERE l.layout_id = s.layout_id GROUP BY code) AS g;

INSERT INTO show.seat_places (show_id, seat_no, label, grade, section, row_name)
SELECT s.show_id, c.first_no + seat.n - 1, seat.label, seat.grade, seat.section, seat.row_name
FROM demo_shows AS s JOIN directory.layout_chunks AS c USING (layout_id)
CROSS JOIN LATERAL unnest(c.labels, c.grades, c.sections, c.row_names) WITH ORDINALITY AS seat (label, grade, section, row_name, n);

-- In the bigger halls the last row of the first block is kept for the house: blocked, with the one event that says so.
INSERT INTO show.seats (show_id, seat_no, version, state)
SELECT p.show_id, p.seat_no, CASE WHEN house.is_kept THEN 1 ELSE 0 END,
	CASE WHEN house.is_kept THEN 'blocked' ELSE 'available' END::show.seat_state
FROM show.seat_places AS p JOIN demo_shows AS s USING (show_id) JOIN show.shows AS sh USING (show_id)
CROSS JOIN LATERAL (SELECT sh.capacity >= 1000 AND p.label IN ('F1-O-1', 'F1-O-2', 'F1-O-3', 'F1-O-4', '1층 A-T-1',
	'1층 A-T-2') AS is_kept) AS house;

INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'show', show_id::text, 'show.published', json_build_object('event_id', event_id) FROM demo_shows;
INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'show', show_id::text, 'seats.blocked',
	json_build_object('seats', json_agg(json_build_object('no', seat_no, 'state', state, 'v', version) ORDER BY seat_no))
FROM show.seats JOIN demo_shows USING (show_id) WHERE state = 'blocked' GROUP BY show_id;

INSERT INTO show.blocks (show_id, seat_no, reason)
SELECT show_id, seat_no, 'kept for the house' FROM show.seats JOIN demo_shows USING (show_id) WHERE state = 'blocked';

-- The summaries as the relay would count them, so that lists are right at once.
INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at, sales_open_at,
	sales_close_at, currency, capacity, seats_left, hold_seconds, max_seats_per_user)
SELECT s.show_id, s.event_id, s.hall, s.hall #>> '{venue,region}',
	(s.starts_at AT TIME ZONE (s.hall #>> '{venue,time_zone}'))::date, s.layout_id, s.starts_at, s.ends_at, s.sales_open_at,
	s.sales_close_at, s.currency, s.capacity, n.seats_left, s.hold_seconds, s.max_seats_per_user
FROM show.shows AS s JOIN demo_shows USING (show_id)
JOIN (SELECT show_id, count(*) FILTER (WHERE state = 'available') AS seats_left FROM show.seats GROUP BY show_id) AS n USING (show_id);

INSERT INTO listing.grades (show_id, code, name, price, capacity, seats_left)
SELECT g.show_id, g.code, g.name, g.price, g.capacity, n.seats_left
FROM show.grades AS g JOIN demo_shows USING (show_id)
JOIN (SELECT s.show_id, p.grade, count(*) FILTER (WHERE s.state = 'available') AS seats_left
	FROM show.seats AS s JOIN show.seat_places AS p USING (show_id, seat_no) GROUP BY s.show_id, p.grade) AS n
	ON n.show_id = g.show_id AND n.grade = g.code;

SELECT listing.event_recount(event_id) FROM demo_event_ids;

INSERT INTO log.audit_trail (actor, action, object)
SELECT 'system', 'show.create', 'show ' || show_id FROM demo_shows ORDER BY show_id;

ANALYZE show.shows, show.grades, show.seats, show.seat_places, listing.shows, listing.grades, directory.layouts;
