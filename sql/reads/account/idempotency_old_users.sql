-- Users with answers that were kept long enough. $1 age in s, $2 how many rows to look at → user_id
SELECT DISTINCT user_id FROM (SELECT user_id FROM account.idempotency
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int)
	ORDER BY created_at LIMIT $2::int) AS oldest
