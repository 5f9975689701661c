-- Every blocked seat has its reason, and only those have one.
WITH bad AS (
	SELECT format('show %s seat %s is %s and its reason is "%s"', show_id, seat_no, s.state, b.reason) AS example
	FROM show.seats AS s FULL JOIN show.blocks AS b USING (show_id, seat_no)
	WHERE (s.state = 'blocked') IS DISTINCT FROM (b.reason IS NOT NULL))
SELECT count(*) AS breaches, min(example) AS example FROM bad
