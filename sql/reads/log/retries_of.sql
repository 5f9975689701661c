-- Events of an entity that wait for a consumer; the failed one comes first.
-- $1 consumer text, $2 endpoint text, $3 entity text, $4 limit int → id, entity, kind, payload, traceparent, at, age_ms, tries
SELECT event_id AS id, entity, kind, payload, traceparent, at, (date_part('epoch', clock_timestamp() - at) * 1000)::bigint AS age_ms, tries
FROM log.retries WHERE consumer = $1::text AND endpoint = $2::text AND entity = $3::text
ORDER BY next_at IS NULL, event_id LIMIT $4::int
