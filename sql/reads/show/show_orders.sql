-- Orders of a show in their current state, newest first. State null: any. Key null: from the newest. The orders of the show are
-- sorted: an index by time would cost each purchase more than it saves the few readers.
-- $1 show_id int, $2 state text, $3 below_us bigint or null, $4 below_id uuid, $5 limit int → order_doc, created_us, order_id
WITH page AS MATERIALIZED (
	SELECT n.order_id, n.created_at, n.state
	FROM (SELECT o.order_id, o.created_at, CASE WHEN o.state = 'pending' AND (SELECT h.expires_at FROM show.holds AS h
				WHERE h.show_id = $1::int AND h.hold_id = o.hold_id) <= clock_timestamp() THEN 'expired' ELSE o.state::text END AS state
		FROM show.orders AS o
		WHERE o.show_id = $1::int
			AND ($3::bigint IS NULL OR (o.created_at, o.order_id) < (to_timestamp($3::bigint / 1e6), $4::uuid))) AS n
	WHERE $2::text IS NULL OR n.state = $2::text
	ORDER BY n.created_at DESC, n.order_id DESC LIMIT $5::int)
SELECT d.doc::jsonb || jsonb_build_object('state', p.state) AS order_doc, (date_part('epoch', p.created_at) * 1e6)::bigint AS created_us,
	p.order_id
FROM page AS p CROSS JOIN LATERAL show.order_doc($1::int, p.order_id) AS d (doc)
ORDER BY p.created_at DESC, p.order_id DESC
