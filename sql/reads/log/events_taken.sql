-- Events that a consumer takes, of a window, in order. $1 from_xmin, $2 to_xmin, $3 id above which, $4 limit, $5 home, $6 kinds
-- (patterns of LIKE) or $7 a member of the payload that is not empty, $8 path in the payload to the entity (null: the event's own),
-- $9 member of the payload that is read (null: all of it) → id, entity, kind, payload, traceparent, at, age_ms
SELECT e.id, coalesce(e.payload #>> $8::text[], e.entity) AS entity, e.kind,
	CASE WHEN $9::text IS NULL THEN e.payload ELSE coalesce(e.payload -> $9::text, '{}') END AS payload,
	e.traceparent, e.at, (date_part('epoch', clock_timestamp() - e.at) * 1000)::bigint AS age_ms
FROM log.event_log AS e
WHERE e.tx >= $1::xid8 AND e.tx < $2::xid8 AND e.id > $3::bigint AND e.home = $5::text
	AND (e.kind LIKE ANY ($6::text[]) OR coalesce(e.payload ->> $7::text, '[]') <> '[]')
ORDER BY e.id LIMIT $4::int
