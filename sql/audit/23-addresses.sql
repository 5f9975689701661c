-- An e-mail address is claimed for an account of that address, and no account has claimed two.
WITH bad AS (
	SELECT format('a claim names user %s, who %s', c.user_id, CASE WHEN u.user_id IS NULL THEN 'does not exist'
		ELSE 'has another address' END) AS example
	FROM directory.email_claims AS c LEFT JOIN account.users AS u USING (user_id)
	WHERE u.user_id IS NULL OR util.email_key(u.email) <> c.email
	UNION ALL
	SELECT format('user %s has %s addresses', user_id, count(*)) FROM directory.email_claims GROUP BY user_id HAVING count(*) > 1)
SELECT count(*) AS breaches, min(example) AS example FROM bad
