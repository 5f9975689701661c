-- Own orders in their current state, newest first. State null: any. Key null: from the newest. 1000 orders are looked at; if the page is
-- not full by then, its last row is cut: only the key from which the next page goes on.
-- $1 user_id uuid, $2 state text, $3 below_us bigint or null, $4 below_id uuid, $5 limit int → order_doc, created_us, order_id, is_cut
WITH looked AS NOT MATERIALIZED (
	SELECT doc, created_at, order_id FROM account.order_list
	WHERE /* guard: owner */ user_id = $1 AND (created_at, order_id)
		< (coalesce(to_timestamp($3::bigint / 1e6), 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
	ORDER BY created_at DESC, order_id DESC LIMIT 1000),
page AS MATERIALIZED (
	SELECT o.doc, l.created_at, l.order_id FROM looked AS l, util.order_view(l.doc, clock_timestamp()) AS o (doc)
	WHERE $2::text IS NULL OR o.doc ->> 'state' = $2::text
	ORDER BY l.created_at DESC, l.order_id DESC LIMIT $5::int)
SELECT r.doc AS order_doc, (date_part('epoch', r.created_at) * 1e6)::bigint AS created_us, r.order_id, r.is_cut
FROM (SELECT doc, created_at, order_id, false AS is_cut FROM page
	UNION ALL
	(SELECT NULL, created_at, order_id, true FROM looked WHERE (SELECT count(*) FROM page) < $5::int
	ORDER BY created_at DESC, order_id DESC OFFSET 999 LIMIT 1)) AS r
ORDER BY r.is_cut, r.created_at DESC, r.order_id DESC
