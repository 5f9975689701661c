-- Users with an address from which nobody has logged in for so many days.
-- $1 age_days int, $2 limit int → user_id
SELECT DISTINCT user_id FROM (
	SELECT user_id FROM account.login_addresses
	WHERE good_at <= statement_timestamp() - make_interval(days => $1::int) ORDER BY good_at LIMIT $2::int) AS oldest
ORDER BY user_id
