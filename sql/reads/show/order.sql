-- An order of its owner, in its current state. It is read together with its hold, so that both expire at the same instant: the
-- document has whole seconds only.
-- $1 show_id int, $2 order_id uuid, $3 user_id uuid → order_doc
SELECT CASE WHEN o.state = 'pending' AND h.expires_at <= clock_timestamp() THEN (d.doc::jsonb || '{"state": "expired"}')::json
	ELSE d.doc END AS order_doc
FROM show.orders AS o JOIN show.holds AS h USING (show_id, hold_id)
CROSS JOIN LATERAL show.order_doc(o.show_id, o.order_id) AS d (doc)
WHERE o.show_id = $1::int AND o.order_id = $2 AND /* guard: owner */ o.user_id = $3
