-- History, newest first. Key null: from the newest. 1000 rows of the ledger are looked at, for payments in vain leave rows too; if the page
-- is not full by then, its last row is cut: only the key from which the next page goes on.
-- $1 user_id uuid, $2 below_id bigint or null, $3 limit int → id, kind, amount, balance_after, order_id, at, is_cut
WITH looked AS NOT MATERIALIZED (
	SELECT entry_no, account, kind, amount, balance_after, order_id, at FROM account.ledger
	WHERE /* guard: owner */ user_id = $1 AND entry_no < coalesce($2::bigint, 9223372036854775807)
	ORDER BY entry_no DESC FETCH FIRST 1000 ROWS WITH TIES),
page AS MATERIALIZED (
	SELECT * FROM looked WHERE account = 'wallet' AND kind <> 'void' ORDER BY entry_no DESC LIMIT $3::int)
SELECT r.id, r.kind, r.amount, r.balance_after, r.order_id, util.unix(r.at) AS at, r.is_cut
FROM (SELECT entry_no AS id, kind, amount, balance_after, order_id, at, false AS is_cut FROM page
	UNION ALL
	(SELECT entry_no, NULL, NULL, NULL, NULL, NULL, true FROM looked WHERE (SELECT count(*) FROM page) < $3::int
	ORDER BY entry_no DESC OFFSET 999 LIMIT 1)) AS r
ORDER BY r.is_cut, r.id DESC
