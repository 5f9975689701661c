-- No seat rests on 60 s past the moment at which its show's schedule puts it back: the batch is alive.
WITH bad AS (
	SELECT format('show %s seat %s should be back since %s', show_id, seat_no, m.at) AS example
	FROM show.shows AS sh
	CROSS JOIN LATERAL show.rerelease_moment(sh.rerelease, sh.sales_open_at, clock_timestamp() - interval '60 seconds') AS m (at)
	JOIN show.seats AS s USING (show_id)
	WHERE sh.published_at IS NOT NULL AND sh.cancelled_at IS NULL AND sh.sales_close_at > clock_timestamp()
		AND s.state IN ('resting', 'held') AND s.held_until <= m.at)
SELECT count(*) AS breaches, min(example) AS example FROM bad
