-- Both legs of the ledger: the next 1000 rows by (user_id, entry_no, account) after that key. Days are in Seoul time; null: any.
-- $1 user_id text, $2 entry_no text, $3 account text, $4 from text, $5 to text → columns of the file
SELECT l.user_id, l.entry_no, l.account, l.kind, l.amount,
	(SELECT w.currency FROM account.wallets AS w WHERE w.user_id = l.user_id) AS currency, l.balance_after, l.payment_id,
	l.order_id, l.show_id, to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
FROM account.ledger AS l
WHERE (l.user_id, l.entry_no, l.account) > ($1::uuid, $2::bigint, $3::account.ledger_account)
	AND ($4::date IS NULL OR l.at >= $4::date::timestamp AT TIME ZONE 'Asia/Seoul')
	AND ($5::date IS NULL OR l.at < ($5::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul')
ORDER BY l.user_id, l.entry_no, l.account LIMIT 1000
