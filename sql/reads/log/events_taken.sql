-- Events of a window for a consumer, in order: events of these kinds (patterns for LIKE), and events with a member in the payload
-- that is not empty. `entity` is the path in the payload to the entity (null: the event's own). `part` is the member of the payload
-- to read (null: all of it).
-- $1 from_xmin xid8, $2 to_xmin xid8, $3 above_id bigint, $4 limit int, $5 home text, $6 kinds text[], $7 member text, $8 entity text[], $9 part text → id, entity, kind, payload, traceparent, at, age_ms
SELECT e.id, coalesce(e.payload #>> $8::text[], e.entity) AS entity, e.kind,
	CASE WHEN $9::text IS NULL THEN e.payload ELSE coalesce(e.payload -> $9::text, '{}') END AS payload,
	e.traceparent, e.at, (date_part('epoch', clock_timestamp() - e.at) * 1000)::bigint AS age_ms
FROM log.event_log AS e
WHERE /* guard: beginning */ e.tx >= $1::xid8 AND /* guard: end */ e.tx < $2::xid8 AND e.id > $3::bigint AND e.home = $5::text
	AND (e.kind LIKE ANY ($6::text[]) OR coalesce(e.payload ->> $7::text, '[]') <> '[]')
ORDER BY /* guard: order */ e.id LIMIT $4::int
