-- An order is paid exactly when it has one live ticket for each seat of its hold, which is confirmed.
WITH bad AS (
	SELECT format('order %s of show %s is %s, hold %s, with %s live tickets for %s seats', o.order_id, o.show_id, o.state,
		h.state, cardinality(t.seats), cardinality(h.seat_nos)) AS example
	FROM show.orders AS o
	LEFT JOIN show.holds AS h USING (show_id, hold_id)
	CROSS JOIN LATERAL (SELECT coalesce(array_agg(seat_no ORDER BY seat_no), '{}') AS seats FROM show.tickets AS t
		WHERE t.show_id = o.show_id AND t.order_id = o.order_id AND t.state <> 'void') AS t
	WHERE CASE WHEN o.state = 'paid' THEN t.seats IS DISTINCT FROM h.seat_nos OR h.state <> 'confirmed'
		ELSE t.seats <> '{}' OR h.state = 'confirmed' END)
SELECT count(*) AS breaches, min(example) AS example FROM bad
