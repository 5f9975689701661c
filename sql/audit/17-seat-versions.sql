-- Each rise of a seat's version is named in exactly one event, without gaps, and the newest event says what the seat is.
WITH moved AS (
	SELECT e.entity::int AS show_id, (s ->> 'no')::int AS seat_no, (s ->> 'v')::int AS v, s ->> 'state' AS state
	FROM log.event_log AS e CROSS JOIN json_array_elements(e.payload -> 'seats') AS s
	WHERE e.home = 'show' AND e.payload -> 'seats' IS NOT NULL),
told AS (
	SELECT show_id, seat_no, count(*) AS events, count(DISTINCT v) AS versions, min(v) AS lowest, max(v) AS highest,
		(array_agg(state ORDER BY v DESC))[1] AS state
	FROM moved GROUP BY show_id, seat_no),
log_begin AS (SELECT min(at) AS at FROM log.event_log),
bad AS (
	SELECT format('show %s seat %s is %s at version %s, %s events tell %s to %s (%s)', show_id, seat_no, s.state, s.version,
		coalesce(t.events, 0), t.lowest, t.highest, t.state) AS example
	FROM show.seats AS s FULL JOIN told AS t USING (show_id, seat_no) LEFT JOIN show.shows AS sh USING (show_id)
	WHERE (s.version > 0 OR t.events > 0)
		-- Of an older show the oldest events may be gone with their day.
		AND (s.version IS DISTINCT FROM t.highest OR s.state::text <> t.state OR t.events <> t.versions
			OR t.events <> t.highest - t.lowest + 1
			OR (t.lowest > 1 AND sh.created_at > (SELECT at FROM log_begin)))
		AND NOT (t.events IS NULL AND sh.created_at < (SELECT at FROM log_begin)))
SELECT count(*) AS breaches, min(example) AS example FROM bad
