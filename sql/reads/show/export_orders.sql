-- The next 1000 orders by (show_id, order_id) up to `last_show_id`, in their current state, with their newest payment. The limit is
-- a constant in the inner query, so that no plan is made for more rows.
-- $1 show_id text, $2 order_id text, $3 last_show_id text → columns of the file
SELECT o.show_id, e.title AS event_title, to_char(s.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS starts_at,
	o.order_id, o.user_id, CASE WHEN o.state = 'pending' AND util.unix(h.expires_at) < util.unix(clock_timestamp()) THEN 'expired'
		ELSE o.state::text END AS state, o.amount, o.currency, cardinality(h.seat_nos) AS seats,
	i.labels, i.sections, i.rows,
	(SELECT count(*) FROM show.tickets AS t WHERE t.order_id = o.order_id AND t.used_at IS NOT NULL) AS used,
	p.payment_id, p.method, p.state AS payment_state,
	to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at
FROM (SELECT * FROM show.orders WHERE (show_id, order_id) > ($1::int, $2::uuid) AND show_id <= $3::int
	ORDER BY show_id, order_id LIMIT 1000) AS o
JOIN show.holds AS h USING (show_id, hold_id)
JOIN show.shows AS s USING (show_id)
JOIN directory.events AS e USING (event_id)
CROSS JOIN LATERAL (SELECT string_agg(v ->> 'label', ';' ORDER BY n) AS labels,
	string_agg(coalesce(v ->> 'section', ''), ';' ORDER BY n) AS sections, string_agg(coalesce(v ->> 'row', ''), ';' ORDER BY n) AS rows
	FROM json_array_elements(h.items) WITH ORDINALITY AS t (v, n)) AS i
LEFT JOIN LATERAL (SELECT payment_id, method, state FROM show.payments AS q
	WHERE q.order_id = o.order_id ORDER BY q.started_at DESC, q.payment_id DESC LIMIT 1) AS p ON true
ORDER BY o.show_id, o.order_id
