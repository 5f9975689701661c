-- History, newest first. $1 user, $2 below this id (null: from the newest), $3 limit
SELECT entry_no AS id, kind, amount, balance_after, order_id, util.unix(at) AS at
FROM account.ledger
WHERE user_id = $1 AND account = 'wallet' AND kind <> 'void' AND ($2::bigint IS NULL OR entry_no < $2::bigint)
ORDER BY entry_no DESC LIMIT $3::int
