-- No buyer has more seats of a show, held and bought, than it allowed when the last of them were taken.
-- Holds from before the limit was kept are counted, but not judged.
WITH live AS (
	SELECT h.show_id, h.user_id, h.max_seats, sum(cardinality(h.seat_nos)) OVER (PARTITION BY h.show_id, h.user_id ORDER BY h.taken_at, h.hold_id) AS seats
	FROM show.holds AS h
	WHERE h.state IN ('paying', 'confirmed') OR (h.state = 'active' AND h.expires_at > clock_timestamp())),
bad AS (
	SELECT format('user %s has %s seats of show %s, which allowed %s', user_id, max(seats), show_id, min(max_seats)) AS example
	FROM live WHERE seats > max_seats GROUP BY show_id, user_id)
SELECT count(*) AS breaches, min(example) AS example FROM bad
