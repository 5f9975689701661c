-- Every hold the bench ever took, seat by seat: how many began while an earlier one of the same seat still ran? (One that
-- was paid runs for ever.)
WITH taken AS (
	SELECT h.show_id, n AS seat_no, h.taken_at,
		CASE WHEN h.state IN ('paying', 'confirmed') THEN 'infinity' ELSE h.expires_at END AS until
	FROM show.holds AS h, unnest(h.seat_nos) AS n
	WHERE h.state <> 'released'),
ordered AS (
	SELECT taken_at, lag(until) OVER (PARTITION BY show_id, seat_no ORDER BY taken_at) AS earlier_until FROM taken)
SELECT count(*) FILTER (WHERE earlier_until > taken_at), count(*) FROM ordered
