-- Money goes back only for a payment whose order is closed, and never more than was taken.
WITH bad AS (
	SELECT format('user %s got %s back of payment %s: order %s', r.user_id, r.amount, r.payment_id, o.state) AS example
	FROM account.ledger AS r
	LEFT JOIN account.ledger AS u ON u.user_id = r.user_id AND u.payment_id = r.payment_id AND u.account = 'wallet' AND u.kind = 'use'
	LEFT JOIN show.orders AS o ON o.show_id = r.show_id AND o.order_id = r.order_id
	WHERE r.account = 'wallet' AND r.kind = 'refund'
		AND (r.amount IS DISTINCT FROM -u.amount OR o.state IS NULL OR o.state NOT IN ('failed', 'cancelled', 'refunded')))
SELECT count(*) AS breaches, min(example) AS example FROM bad
