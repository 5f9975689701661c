-- Parked events. `behind` counts the events that wait for each.
-- → consumer, endpoint, entity, id, kind, tries, error, behind
SELECT consumer, endpoint, entity, event_id AS id, kind, tries, error,
	(SELECT count(*) - 1 FROM log.retries AS o WHERE (o.consumer, o.endpoint, o.entity) = (r.consumer, r.endpoint, r.entity)) AS behind
FROM log.retries AS r WHERE parked_at IS NOT NULL ORDER BY parked_at, event_id
