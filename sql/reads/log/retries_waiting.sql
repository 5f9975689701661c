-- Entities with an event that a consumer could not deliver.
-- $1 consumer text, $2 endpoint text → entity
SELECT entity FROM log.retries
WHERE consumer = $1::text AND endpoint = $2::text AND (next_at IS NOT NULL OR parked_at IS NOT NULL) ORDER BY entity COLLATE "C"
