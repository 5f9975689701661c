-- A wallet's balance is the sum of its ledger entries, is what its newest entry says, and is not negative.
WITH bad AS (
	SELECT format('user %s has %s, his entries sum to %s and end at %s', w.user_id, w.balance, l.total, last.balance_after) AS example
	FROM account.wallets AS w
	LEFT JOIN (SELECT user_id, sum(amount) AS total, max(entry_no) AS entry_no
		FROM account.ledger WHERE account = 'wallet' GROUP BY user_id) AS l USING (user_id)
	LEFT JOIN account.ledger AS last ON last.user_id = w.user_id AND last.account = 'wallet' AND last.entry_no = w.last_entry_no
	WHERE w.balance < 0 OR w.balance <> coalesce(l.total, 0) OR w.balance <> coalesce(last.balance_after, 0)
		OR w.last_entry_no <> coalesce(l.entry_no, 0)
	UNION ALL
	SELECT format('user %s has ledger entries and no wallet', user_id)
	FROM account.ledger AS l WHERE NOT EXISTS (SELECT FROM account.wallets AS w WHERE w.user_id = l.user_id))
SELECT count(*) AS breaches, min(example) AS example FROM bad
