-- No buyer has more seats of a show, held and bought, than it allowed when the last of them were taken.
WITH bad AS (
	SELECT format('user %s has %s seats of show %s, which allowed %s', h.user_id, sum(cardinality(h.seat_nos)), h.show_id, max(coalesce(h.max_seats, s.max_seats_per_user))) AS example
	FROM show.holds AS h JOIN show.shows AS s USING (show_id)
	WHERE h.state IN ('paying', 'confirmed') OR (h.state = 'active' AND h.expires_at > clock_timestamp())
	GROUP BY h.show_id, h.user_id
	HAVING sum(cardinality(h.seat_nos)) > max(coalesce(h.max_seats, s.max_seats_per_user)))
SELECT count(*) AS breaches, min(example) AS example FROM bad
