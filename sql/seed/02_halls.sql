-- Demo season, part 2: venues, halls and their seats.
--
-- A hall is a list of blocks of seats. The rows of a block are arcs around (cx, cy): row r lies at radius + r × row_pitch,
-- turned by angle_deg (0 looks from the stage to the back, left is negative), its seats seat_pitch apart, shifted by `shift`
-- seats. A straight row is an arc with a huge radius. The stage is at (0, 0), y grows away from it, ten units are the room of
-- one seat. `gaps` are the seats behind which an aisle runs. A row has first_seats + floor(r × growth) seats. The grade
-- follows from the distance to the stage.
CREATE TEMPORARY TABLE demo_venues (venue int, name text, region text, address text) ON COMMIT DROP;
INSERT INTO demo_venues VALUES
	(1, '한빛 아레나 Hanbit Arena', '서울', '서울특별시 송파구 한빛로 1'),
	(2, '서울 그랜드 시어터 Seoul Grand Theatre', '서울', '서울특별시 중구 극장길 7'),
	(3, '해운대 시네마 Haeundae Cinema', '부산', '부산광역시 해운대구 바다로 30');

CREATE TEMPORARY TABLE demo_halls (hall int, venue int, name text, vip_to int, r_to int, s_to int) ON COMMIT DROP;
INSERT INTO demo_halls VALUES
	(1, 1, '메인 아레나 Main Arena', 430, 1180, 1430),
	(2, 1, '라이브 클럽 Live Club', 110, 170, 230),
	(3, 2, '오페라 홀 Opera Hall', 200, 300, 420),
	(4, 2, '챔버 홀 Chamber Hall', 130, 190, 250),
	(5, 2, '블랙박스 Black Box', 70, 100, 130),
	(6, 3, '1관 Screen 1', 0, 170, 250),
	(7, 3, '2관 Screen 2', 0, 130, 180),
	(8, 3, '3관 Screen 3', 0, 110, 150);

CREATE TEMPORARY TABLE demo_blocks (hall int, block int, name text, cx numeric, cy numeric, radius numeric, angle_deg numeric,
	shift numeric, rows int, row_pitch numeric, first_seats int, growth numeric, gaps int[]) ON COMMIT DROP;
-- Arena: eight straight blocks on the floor, and two rings of twenty wedges open towards the stage. 20,000 seats.
INSERT INTO demo_blocks
SELECT 1, n, 'F' || n, 0, 60 - 100000 + CASE WHEN n > 4 THEN 215 ELSE 0 END, 100000, 0, ((n - 1) % 4 - 1.5) * 22, 15, 12, 20, 0, '{}'
FROM generate_series(1, 8) AS n;
INSERT INTO demo_blocks
SELECT 1, 8 + n, (100 + n)::text, 0, 300, 1020, (n - 10.5) * 11, 0, 20, 12, 16, 0.25, '{}' FROM generate_series(1, 20) AS n;
INSERT INTO demo_blocks
SELECT 1, 28 + n, (200 + n)::text, 0, 300, 1310, (n - 10.5) * 11, 0, 26, 12, 20, 0, '{}' FROM generate_series(1, 20) AS n;
INSERT INTO demo_blocks VALUES
	(2, 1, 'Club', 0, -150, 220, 0, 0, 14, 13, 16, 0.5, '{8}'),
	-- Opera: stalls in three parts, their rows curved around the stage, and two balconies behind.
	(3, 1, '1층 A', 0, -60, 200, -40, 0, 20, 12, 8, 0.45, '{}'),
	(3, 2, '1층 B', 0, -60, 200, 0, 0, 20, 12, 18, 0.9, '{}'),
	(3, 3, '1층 C', 0, -60, 200, 40, 0, 20, 12, 8, 0.45, '{}'),
	(3, 4, '2층', 0, -60, 470, 0, 0, 8, 12, 46, 1, '{12,34}'),
	(3, 5, '3층', 0, -60, 590, 0, 0, 5, 12, 40, 1, '{10,30}'),
	(4, 1, '1층', 0, -120, 190, 0, 0, 16, 12, 24, 0.25, '{8,16}'),
	(4, 2, '2층', 0, -120, 400, 0, 0, 3, 12, 28, 1, '{14}'),
	(5, 1, 'Box', 0, -99940, 100000, 0, 0, 10, 11, 10, 0, '{5}'),
	(6, 1, '1관', 0, -700, 800, 0, 0, 15, 14, 20, 0, '{4,16}'),
	(7, 1, '2관', 0, -720, 800, 0, 0, 11, 14, 14, 0, '{3,11}'),
	(8, 1, '3관', 0, -720, 800, 0, 0, 10, 14, 12, 0, '{4}');

CREATE TEMPORARY TABLE demo_seats ON COMMIT DROP AS
SELECT b.hall, b.block, b.name AS section, r, chr(65 + r) AS row_name, i,
	(row_number() OVER (PARTITION BY b.hall ORDER BY b.block, r, i) - 1)::int AS no,
	CASE WHEN count(*) OVER (PARTITION BY b.hall) = count(*) OVER (PARTITION BY b.hall, b.block) THEN ''
		ELSE b.name || '-' END || chr(65 + r) || '-' || i + 1 AS label,
	round(at.x)::int AS x, round(at.y)::int AS y,
	CASE WHEN sqrt(at.x * at.x + at.y * at.y) < h.vip_to THEN 'VIP' WHEN sqrt(at.x * at.x + at.y * at.y) < h.r_to THEN 'R'
		WHEN sqrt(at.x * at.x + at.y * at.y) < h.s_to THEN 'S' ELSE 'A' END AS grade
FROM demo_blocks AS b JOIN demo_halls AS h USING (hall)
CROSS JOIN LATERAL generate_series(0, b.rows - 1) AS r
CROSS JOIN LATERAL (SELECT b.first_seats + floor(r * b.growth)::int AS count, (b.radius + r * b.row_pitch)::float8 AS radius) AS w
CROSS JOIN LATERAL generate_series(0, w.count - 1) AS i
CROSS JOIN LATERAL (SELECT radians(b.angle_deg::float8) + 10 / w.radius * (i - (w.count - 1) / 2.0 + b.shift::float8
	+ 1.5 * ((SELECT count(*) FROM unnest(b.gaps) AS g WHERE g <= i) - cardinality(b.gaps) / 2.0)) AS angle) AS turn
CROSS JOIN LATERAL (SELECT b.cx::float8 + w.radius * sin(turn.angle) AS x, b.cy::float8 + w.radius * cos(turn.angle) AS y) AS at;

-- The numbers that the directory gives to what the lists above call 1, 2, 3 …
CREATE TEMPORARY TABLE demo_venue_ids ON COMMIT DROP AS
SELECT venue, nextval(pg_get_serial_sequence('directory.venues', 'venue_id'))::int AS venue_id FROM demo_venues;
INSERT INTO directory.venues (venue_id, name, region, address) OVERRIDING SYSTEM VALUE
SELECT venue_id, name, region, address FROM demo_venues JOIN demo_venue_ids USING (venue);

CREATE TEMPORARY TABLE demo_hall_ids ON COMMIT DROP AS
SELECT hall, nextval(pg_get_serial_sequence('directory.halls', 'hall_id'))::int AS hall_id,
	nextval(pg_get_serial_sequence('directory.layouts', 'layout_id'))::int AS layout_id
FROM demo_halls;
INSERT INTO directory.halls (hall_id, venue_id, name) OVERRIDING SYSTEM VALUE
SELECT i.hall_id, v.venue_id, h.name
FROM demo_halls AS h JOIN demo_hall_ids AS i USING (hall) JOIN demo_venue_ids AS v USING (venue);

-- Sections, rows and seats as clients draw them.
WITH row_docs AS (
	SELECT hall, block, section, r, json_build_object('name', row_name, 'seats',
		json_agg(json_build_object('no', no, 'label', label, 'grade', grade, 'x', x, 'y', y) ORDER BY i)) AS doc
	FROM demo_seats GROUP BY hall, block, section, r, row_name),
section_docs AS (
	SELECT hall, block, json_build_object('name', section, 'rows', json_agg(doc ORDER BY r)) AS doc
	FROM row_docs GROUP BY hall, block, section),
arrays AS (
	SELECT hall, count(*) AS capacity, array_agg(label ORDER BY no) AS labels, array_agg(grade ORDER BY no) AS grades
	FROM demo_seats GROUP BY hall)
INSERT INTO directory.layouts (layout_id, hall_id, capacity, sections, labels, grades) OVERRIDING SYSTEM VALUE
SELECT i.layout_id, i.hall_id, a.capacity, (SELECT json_agg(doc ORDER BY block) FROM section_docs AS s WHERE s.hall = a.hall),
	a.labels, a.grades
FROM arrays AS a JOIN demo_hall_ids AS i USING (hall);

INSERT INTO directory.layout_chunks
SELECT l.layout_id, c.* FROM directory.layouts AS l JOIN demo_hall_ids USING (layout_id), util.layout_chunks(l.sections) AS c;

INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'directory', 'venue:' || venue_id, 'venue.created', json_build_object('id', venue_id) FROM demo_venue_ids;
INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'directory', 'hall:' || hall_id, 'hall.created', json_build_object('id', hall_id) FROM demo_hall_ids;
INSERT INTO log.event_log (home, entity, kind, payload)
SELECT 'directory', 'layout:' || layout_id, 'layout.created', json_build_object('id', layout_id, 'hall_id', hall_id)
FROM demo_hall_ids;
