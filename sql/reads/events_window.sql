-- The next events of a consumer's window, in order. $1 consumer, $2 limit → id, home, entity, kind, payload
SELECT e.id, e.home, e.entity, e.kind, e.payload
FROM log.cursors AS c JOIN log.event_log AS e ON e.tx >= c.from_xmin AND e.tx < c.to_xmin AND e.id > c.id
WHERE c.consumer = $1 ORDER BY e.id LIMIT $2::int
