-- Accounts that signed up $1 seconds ago and whose claim has not been looked at, oldest first. $2 limit → user_id, email (as claimed)
SELECT s.user_id, lower(u.email) AS email FROM (
	SELECT user_id, created_at FROM account.signups
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int) ORDER BY created_at LIMIT $2::int) AS s
LEFT JOIN account.users AS u USING (user_id) ORDER BY s.created_at
