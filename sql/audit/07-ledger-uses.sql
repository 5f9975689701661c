-- Each use of a wallet belongs to a paid order of that amount or has its refund (or is younger than 120 s and on its way).
WITH bad AS (
	SELECT format('user %s paid %s by payment %s: payment %s, order %s', u.user_id, -u.amount, u.payment_id,
		coalesce(p.state::text, 'missing'), coalesce(o.state::text, 'missing')) AS example
	FROM account.ledger AS u
	LEFT JOIN show.payments AS p ON p.show_id = u.show_id AND p.payment_id = u.payment_id AND p.user_id = u.user_id
	LEFT JOIN show.orders AS o ON o.show_id = p.show_id AND o.order_id = p.order_id
	WHERE u.account = 'wallet' AND u.kind = 'use'
		AND (p.amount IS DISTINCT FROM -u.amount
			OR NOT (o.state = 'paid' AND p.state = 'approved')
			AND NOT EXISTS (SELECT FROM account.ledger AS r WHERE r.user_id = u.user_id AND r.payment_id = u.payment_id
				AND r.account = 'wallet' AND r.kind = 'refund' AND r.amount = -u.amount)
			AND NOT (p.state IN ('started', 'unknown') AND u.at > clock_timestamp() - interval '120 seconds')
			AND NOT EXISTS (SELECT FROM show.refunds_due AS d WHERE d.show_id = u.show_id AND d.payment_id = u.payment_id
				AND d.since > clock_timestamp() - interval '120 seconds')))
SELECT count(*) AS breaches, min(example) AS example FROM bad
