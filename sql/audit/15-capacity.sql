-- Each published show has its seats 0 to capacity-1, each with its place, and its grades count them right.
WITH counted AS (
	SELECT sh.show_id, sh.capacity, s.seats, s.lowest, s.highest, p.places, p.by_grade,
		(SELECT jsonb_object_agg(g.code, g.capacity) FROM show.grades AS g WHERE g.show_id = sh.show_id) AS grades
	FROM show.shows AS sh
	LEFT JOIN (SELECT show_id, count(*) AS seats, min(seat_no) AS lowest, max(seat_no) AS highest
		FROM show.seats GROUP BY show_id) AS s USING (show_id)
	LEFT JOIN (SELECT show_id, sum(n) AS places, jsonb_object_agg(grade, n) AS by_grade
		FROM (SELECT show_id, grade, count(*) AS n FROM show.seat_places GROUP BY show_id, grade) AS g
		GROUP BY show_id) AS p USING (show_id)
	WHERE sh.published_at IS NOT NULL),
bad AS (
	SELECT format('show %s for %s has %s seats (%s to %s) in %s places', show_id, capacity, seats, lowest, highest, places) AS example
	FROM counted
	WHERE seats IS DISTINCT FROM capacity OR places IS DISTINCT FROM capacity OR lowest <> 0 OR highest <> capacity - 1
		OR grades IS DISTINCT FROM by_grade)
SELECT count(*) AS breaches, min(example) AS example FROM bad
