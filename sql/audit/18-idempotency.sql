-- A key is running only while its payment is unfinished or its refund due, and what was stored was a success.
WITH bad AS (
	SELECT format('key of user %s on %s: status %s, payment %s', i.user_id, i.path, i.status, p.state) AS example
	FROM show.idempotency AS i LEFT JOIN show.payments AS p USING (show_id, payment_id)
	WHERE CASE WHEN i.status IS NULL THEN (p.state IS NULL OR p.state NOT IN ('started', 'unknown'))
			AND NOT EXISTS (SELECT FROM show.refunds_due AS d WHERE d.show_id = i.show_id AND d.payment_id = i.payment_id)
		ELSE i.status NOT BETWEEN 200 AND 299 OR i.result IS NULL END
	UNION ALL
	SELECT format('key of user %s on %s: status %s', user_id, path, status)
	FROM account.idempotency WHERE status NOT BETWEEN 200 AND 299)
SELECT count(*) AS breaches, min(example) AS example FROM bad
