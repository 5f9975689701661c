-- Number of entities with an event that a consumer could not deliver.
-- $1 consumer text → waiting, parked
SELECT count(next_at) AS waiting, count(parked_at) AS parked FROM log.retries
WHERE consumer = $1::text AND (next_at IS NOT NULL OR parked_at IS NOT NULL)
