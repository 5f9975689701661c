-- No buyer has more seats of a show, held and bought, than it allows.
WITH bad AS (
	SELECT format('user %s has %s seats of show %s, which allows %s', h.user_id, sum(cardinality(h.seat_nos)), h.show_id, s.max_seats_per_user) AS example
	FROM show.holds AS h JOIN show.shows AS s USING (show_id)
	WHERE h.state IN ('paying', 'confirmed') OR (h.state = 'active' AND h.expires_at > clock_timestamp())
	GROUP BY h.show_id, h.user_id, s.max_seats_per_user
	HAVING sum(cardinality(h.seat_nos)) > s.max_seats_per_user)
SELECT count(*) AS breaches, min(example) AS example FROM bad
