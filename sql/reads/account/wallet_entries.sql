-- History, newest first. Key null: from the newest.
-- $1 user_id uuid, $2 below_id bigint or null, $3 limit int → id, kind, amount, balance_after, order_id, at
SELECT entry_no AS id, kind, amount, balance_after, order_id, util.unix(at) AS at
FROM account.ledger
WHERE /* guard: owner */ user_id = $1 AND account = 'wallet' AND kind <> 'void' AND ($2::bigint IS NULL OR entry_no < $2::bigint)
ORDER BY entry_no DESC LIMIT $3::int
