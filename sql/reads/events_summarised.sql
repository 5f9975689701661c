-- What the read models need of a window's events, in order. $1 from_xmin, $2 to_xmin, $3 id above which, $4 limit
-- What the clock decides changes no count of a show; its event is recounted by the clock.
-- → id, show_id (to recount; null: nothing changed that is counted), user_id and order_doc (null: no order in it)
SELECT e.id, CASE WHEN e.payload -> 'seats' <> '[]'
		OR (e.kind LIKE 'show.%' AND e.kind NOT IN ('show.opened', 'show.closed', 'show.ended')) THEN e.entity END AS show_id,
	e.payload #>> '{order,user_id}' AS user_id, e.payload ->> 'order' AS order_doc
FROM log.event_log AS e
WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8 AND e.id > $3::bigint AND e.home = 'show'
ORDER BY e.id LIMIT $4::int
