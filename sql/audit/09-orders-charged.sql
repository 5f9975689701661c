-- A paid order has exactly one charge of its amount, and if paid from a wallet, that use; a closed one gave it back or owes it.
WITH bad AS (
	SELECT format('order %s of show %s is paid and has %s charges of %s together', o.order_id, o.show_id, p.count, p.total) AS example
	FROM show.orders AS o
	CROSS JOIN LATERAL (SELECT count(*) AS count, sum(amount) AS total,
			count(*) FILTER (WHERE method = 'wallet' AND NOT EXISTS (SELECT FROM account.ledger AS l
				WHERE l.user_id = p.user_id AND l.payment_id = p.payment_id AND l.account = 'wallet' AND l.kind = 'use'
					AND l.amount = -p.amount)) AS unpaid
		FROM show.payments AS p
		WHERE p.show_id = o.show_id AND p.order_id = o.order_id AND p.state = 'approved') AS p
	WHERE o.state = 'paid' AND (p.count <> 1 OR p.total <> o.amount OR p.unpaid > 0)
	UNION ALL
	SELECT format('order %s of show %s is %s and has an approved payment', o.order_id, o.show_id, o.state)
	FROM show.orders AS o JOIN show.payments AS p USING (show_id, order_id)
	WHERE p.state = 'approved' AND o.state NOT IN ('paid', 'failed', 'cancelled')
	UNION ALL
	SELECT format('payment %s of show %s is %s, its order %s, and a refund is %s', payment_id, show_id, p.state, o.state,
		CASE WHEN d.since IS NULL THEN 'not due' ELSE 'due' END)
	FROM show.payments AS p JOIN show.orders AS o USING (show_id, order_id) LEFT JOIN show.refunds_due AS d USING (show_id, payment_id)
	WHERE (p.state = 'approved' AND o.state IN ('failed', 'cancelled')) <> (d.since IS NOT NULL)
	UNION ALL
	SELECT format('order %s of show %s is refunded, its payments are not', o.order_id, o.show_id)
	FROM show.orders AS o WHERE o.state = 'refunded' AND (SELECT count(*) FROM show.payments AS p
		WHERE p.show_id = o.show_id AND p.order_id = o.order_id AND p.state = 'refunded') <> 1)
SELECT count(*) AS breaches, min(example) AS example FROM bad
