-- A hold's amount is the sum of its seats' prices as taken; order and payment have the same amount and currency.
WITH bad AS (
	SELECT format('hold %s of show %s costs %s, its seats %s', h.hold_id, h.show_id, h.amount, i.total) AS example
	FROM show.holds AS h
	CROSS JOIN LATERAL (SELECT sum((i ->> 'price')::bigint) AS total, array_agg((i ->> 'no')::int ORDER BY (i ->> 'no')::int) AS nos
		FROM json_array_elements(h.items) AS i) AS i
	WHERE h.amount IS DISTINCT FROM i.total OR h.seat_nos IS DISTINCT FROM i.nos
	UNION ALL
	SELECT format('order %s of show %s costs %s %s, its hold %s %s', o.order_id, o.show_id, o.amount, o.currency, h.amount, h.currency)
	FROM show.orders AS o JOIN show.holds AS h USING (show_id, hold_id)
	WHERE (o.amount, o.currency) <> (h.amount, h.currency)
	UNION ALL
	SELECT format('payment %s of show %s is of %s %s, its order of %s %s', p.payment_id, p.show_id, p.amount, p.currency, o.amount, o.currency)
	FROM show.payments AS p LEFT JOIN show.orders AS o USING (show_id, order_id)
	WHERE (p.amount, p.currency) IS DISTINCT FROM (o.amount, o.currency))
SELECT count(*) AS breaches, min(example) AS example FROM bad
