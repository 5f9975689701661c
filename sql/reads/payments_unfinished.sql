-- Payments to settle, oldest first: unfinished and older than $1 seconds, or charged for an order that failed.
-- $2 limit → show_id, payment_id, order_id, user_id, method, state, amount, order_state, seats
SELECT p.show_id, p.payment_id, p.order_id, p.user_id, p.method, p.state, p.amount, o.state AS order_state,
	cardinality(h.seat_nos) AS seats
FROM (SELECT u.show_id, u.payment_id FROM show.payments AS u
		WHERE u.state IN ('started', 'unknown') AND u.started_at <= clock_timestamp() - make_interval(secs => $1::int)
	UNION ALL
	SELECT u.show_id, u.payment_id FROM show.orders AS f JOIN show.payments AS u USING (show_id, order_id)
		WHERE f.state = 'failed' AND u.state = 'approved') AS k
JOIN show.payments AS p USING (show_id, payment_id)
JOIN show.orders AS o USING (show_id, order_id)
JOIN show.holds AS h USING (show_id, hold_id)
ORDER BY p.started_at LIMIT $2::int
