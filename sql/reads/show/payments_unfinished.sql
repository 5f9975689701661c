-- Payments to settle, oldest first, after a time in the database's own format and a payment: payments unfinished for `age_s`
-- seconds, and payments whose orders are closed and whose money is due. Payments that failed `tries` times are left out.
-- $1 age_s int, $2 limit int, $3 tries int, $4 since text, $5 payment_id uuid → show_id, payment_id, order_id, user_id, method, is_due, amount, seats, tries, since
SELECT p.show_id, p.payment_id, p.order_id, p.user_id, p.method, k.is_due::int AS is_due, p.amount,
	cardinality(h.seat_nos) AS seats, coalesce(f.tries, 0) AS tries, k.since
FROM (SELECT u.show_id, u.payment_id, u.started_at AS since, false AS is_due FROM show.payments AS u
		WHERE u.state IN ('started', 'unknown') AND u.started_at <= statement_timestamp() - make_interval(secs => $1::int)
			AND (u.started_at, u.payment_id) > ($4::timestamptz, $5::uuid)
			AND NOT EXISTS (SELECT FROM show.settle_failures AS f
				WHERE f.show_id = u.show_id AND f.payment_id = u.payment_id AND f.tries >= $3::int)
	UNION ALL
	SELECT d.show_id, d.payment_id, d.since, true FROM show.refunds_due AS d
		WHERE (d.since, d.payment_id) > ($4::timestamptz, $5::uuid)
			AND NOT EXISTS (SELECT FROM show.settle_failures AS f
				WHERE f.show_id = d.show_id AND f.payment_id = d.payment_id AND f.tries >= $3::int)
	ORDER BY since, payment_id LIMIT $2::int) AS k
JOIN show.payments AS p USING (show_id, payment_id)
JOIN show.orders AS o USING (show_id, order_id)
JOIN show.holds AS h USING (show_id, hold_id)
LEFT JOIN show.settle_failures AS f USING (show_id, payment_id)
ORDER BY k.since, p.payment_id
