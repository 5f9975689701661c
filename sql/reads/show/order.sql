-- An order of its owner, in its current state. It is read together with its hold, so that both expire at the same instant: the
-- document has whole seconds only. As a join, a plan made while the tables had no statistics read all holds of the show.
-- $1 show_id int, $2 order_id uuid, $3 user_id uuid → order_doc
SELECT CASE WHEN o.state = 'pending' AND (SELECT h.expires_at FROM show.holds AS h
		WHERE h.show_id = $1::int AND h.hold_id = o.hold_id) <= clock_timestamp() THEN (d.doc::jsonb || '{"state": "expired"}')::json
	ELSE d.doc END AS order_doc
FROM show.orders AS o CROSS JOIN LATERAL show.order_doc(o.show_id, o.order_id) AS d (doc)
WHERE o.show_id = $1::int AND o.order_id = $2 AND /* guard: owner */ o.user_id = $3
