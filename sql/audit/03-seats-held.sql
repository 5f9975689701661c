-- A seat kept for somebody carries his live hold, and a live hold has all its seats, kept for as long as it lasts.
WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at),
kept AS (
	SELECT s.show_id, s.seat_no, s.hold_id, s.held_until FROM show.seats AS s, now
	WHERE s.state = 'held' AND s.held_until > now.at),
due AS (
	SELECT h.show_id, no AS seat_no, h.hold_id,
		CASE h.state WHEN 'paying' THEN 'infinity' ELSE h.expires_at END AS held_until
	FROM show.holds AS h CROSS JOIN now CROSS JOIN unnest(h.seat_nos) AS no
	WHERE h.state = 'paying' OR (h.state = 'active' AND h.expires_at > now.at)),
bad AS (
	SELECT format('show %s seat %s is kept until %s by hold %s', show_id, seat_no, k.held_until, hold_id)
		|| format(', which says %s', coalesce(d.held_until::text, 'nothing')) AS example
	FROM kept AS k FULL JOIN due AS d USING (show_id, seat_no, hold_id)
	WHERE k.held_until IS DISTINCT FROM d.held_until)
SELECT count(*) AS breaches, min(example) AS example FROM bad
