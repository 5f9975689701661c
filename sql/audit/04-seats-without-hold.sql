-- Held and sold seats carry a hold and no others do; held seats alone have an end, and a resting seat says since when.
WITH bad AS (
	SELECT format('show %s seat %s is %s with hold %s until %s', show_id, seat_no, state, hold_id, held_until) AS example
	FROM show.seats
	WHERE (hold_id IS NOT NULL) <> (state IN ('held', 'sold')) OR (held_until IS NOT NULL) <> (state IN ('held', 'resting')))
SELECT count(*) AS breaches, min(example) AS example FROM bad
