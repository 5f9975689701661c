-- Accounts that signed up `age_s` seconds ago and whose claim nobody has checked yet, oldest first.
-- $1 age_s int, $2 limit int → user_id, email (as claimed)
SELECT s.user_id, util.email_key(u.email) AS email FROM (
	SELECT user_id, created_at FROM account.signups
	WHERE created_at <= statement_timestamp() - make_interval(secs => $1::int) ORDER BY created_at LIMIT $2::int) AS s
LEFT JOIN account.users AS u USING (user_id) ORDER BY s.created_at
