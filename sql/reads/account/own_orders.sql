-- Own orders in their current state, newest first. State null: any. Key null: from the newest.
-- $1 user_id uuid, $2 state text, $3 below_us bigint or null, $4 below_id uuid, $5 limit int → order_doc, created_us, order_id
SELECT o.doc AS order_doc, (date_part('epoch', l.created_at) * 1e6)::bigint AS created_us, l.order_id
FROM account.order_list AS l, util.order_view(l.doc, clock_timestamp()) AS o (doc)
WHERE /* guard: owner */ l.user_id = $1 AND ($2::text IS NULL OR o.doc ->> 'state' = $2::text)
	AND ($3::bigint IS NULL OR (l.created_at, l.order_id) < (to_timestamp($3::bigint / 1e6), $4::uuid))
ORDER BY l.created_at DESC, l.order_id DESC LIMIT $5::int
