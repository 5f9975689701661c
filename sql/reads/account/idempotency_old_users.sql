-- Users with answers that have been kept for `age_s` seconds, found among the oldest `rows`.
-- $1 age_s int, $2 rows int → user_id
SELECT DISTINCT user_id FROM (SELECT user_id FROM account.idempotency
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int)
	ORDER BY created_at LIMIT $2::int) AS oldest
