-- No payment stays unfinished for more than 120 s, and no closed order keeps its money that long: settling is alive.
WITH bad AS (
	SELECT format('payment %s of show %s is %s since %s, its order %s', payment_id, show_id, p.state, p.started_at, o.state) AS example
	FROM show.payments AS p JOIN show.orders AS o USING (show_id, order_id)
	WHERE p.state IN ('started', 'unknown') AND p.started_at < clock_timestamp() - interval '120 seconds'
	UNION ALL
	SELECT format('payment %s of show %s is due since %s', payment_id, show_id, since)
	FROM show.refunds_due WHERE since < clock_timestamp() - interval '120 seconds')
SELECT count(*) AS breaches, min(example) AS example FROM bad
