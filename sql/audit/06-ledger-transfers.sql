-- Every transfer sums to 0 over its legs, and the transfers of a user are numbered without gaps.
WITH transfers AS (
	SELECT user_id, entry_no, sum(amount) AS total, count(*) AS legs, min(kind) AS kind, min(kind) <> max(kind) AS is_mixed,
		entry_no - row_number() OVER (PARTITION BY user_id ORDER BY entry_no) AS gap
	FROM account.ledger GROUP BY user_id, entry_no),
bad AS (
	SELECT format('user %s transfer %s (%s) has %s legs that sum to %s', user_id, entry_no, kind, legs, total) AS example
	FROM transfers
	WHERE total <> 0 OR gap <> 0 OR is_mixed OR legs <> CASE kind WHEN 'void' THEN 1 ELSE 2 END)
SELECT count(*) AS breaches, min(example) AS example FROM bad
