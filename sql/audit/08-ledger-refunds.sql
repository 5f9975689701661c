-- Money goes back only for a payment whose order is closed, exactly what was taken, and once; a refunded order has its money.
WITH bad AS (
	SELECT format('user %s got %s back of payment %s: order %s', r.user_id, r.amount, r.payment_id, o.state) AS example
	FROM account.ledger AS r
	LEFT JOIN account.ledger AS u ON u.user_id = r.user_id AND u.payment_id = r.payment_id AND u.account = 'wallet' AND u.kind = 'use'
	LEFT JOIN show.orders AS o ON o.show_id = r.show_id AND o.order_id = r.order_id
	WHERE r.account = 'wallet' AND r.kind = 'refund'
		AND (r.amount IS DISTINCT FROM -u.amount OR o.state IS NULL OR o.state NOT IN ('failed', 'cancelled', 'refunded'))
	UNION ALL
	SELECT format('order %s of show %s is refunded, its wallet got %s refunds', o.order_id, o.show_id, n.count)
	FROM show.orders AS o JOIN show.payments AS p USING (show_id, order_id)
	CROSS JOIN LATERAL (SELECT count(*) AS count FROM account.ledger AS l WHERE l.user_id = p.user_id AND l.payment_id = p.payment_id
		AND l.account = 'wallet' AND l.kind = 'refund' AND l.amount = p.amount) AS n
	WHERE p.state = 'refunded' AND p.method = 'wallet' AND n.count <> 1)
SELECT count(*) AS breaches, min(example) AS example FROM bad
