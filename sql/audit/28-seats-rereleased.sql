-- No seat still rests 60 s after its show's schedule should have put it back or was taken off: the batch is alive.
WITH bad AS (
	SELECT format('show %s seat %s should be back since %s', show_id, seat_no, m.at) AS example
	FROM show.shows AS sh
	CROSS JOIN LATERAL (SELECT clock_timestamp() - interval '60 seconds' AS late) AS l
	CROSS JOIN LATERAL (SELECT CASE WHEN sh.rerelease IS NULL THEN l.late
		ELSE show.rerelease_moment(sh.rerelease, sh.sales_open_at, l.late) END AS at) AS m
	JOIN show.seats AS s USING (show_id)
	WHERE sh.published_at IS NOT NULL AND sh.cancelled_at IS NULL AND sh.sales_close_at > clock_timestamp()
		AND (s.state = 'resting' OR (s.state = 'held' AND sh.rerelease IS NOT NULL)) AND s.held_until <= m.at
		AND (sh.rerelease IS NOT NULL OR coalesce(sh.rerelease_off_at, '-infinity') <= m.at))
SELECT count(*) AS breaches, min(example) AS example FROM bad
