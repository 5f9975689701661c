-- An order, its hold and its payments agree: paying exactly while one payment is unfinished, one order for each paid hold.
WITH bad AS (
	SELECT format('order %s of show %s is %s, hold %s, with %s unfinished payments', o.order_id, o.show_id, o.state, h.state, p.count) AS example
	FROM show.orders AS o LEFT JOIN show.holds AS h USING (show_id, hold_id)
	CROSS JOIN LATERAL (SELECT count(*) AS count FROM show.payments AS p
		WHERE p.show_id = o.show_id AND p.order_id = o.order_id AND p.state IN ('started', 'unknown')) AS p
	WHERE h.hold_id IS NULL OR h.user_id <> o.user_id OR p.count <> CASE WHEN o.state = 'paying' THEN 1 ELSE 0 END
		OR CASE o.state WHEN 'pending' THEN h.state <> 'active' WHEN 'paying' THEN h.state <> 'paying'
			WHEN 'paid' THEN h.state <> 'confirmed' ELSE h.state NOT IN ('released', 'expired') END
	UNION ALL
	SELECT format('hold %s of show %s is %s and has %s orders', h.hold_id, h.show_id, h.state, count(o.order_id))
	FROM show.holds AS h LEFT JOIN show.orders AS o USING (show_id, hold_id)
	GROUP BY h.show_id, h.hold_id, h.state
	HAVING count(o.order_id) > 1 OR (h.state IN ('paying', 'confirmed') AND count(o.order_id) = 0))
SELECT count(*) AS breaches, min(example) AS example FROM bad
