-- Entities whose first event is due for another try.
-- $1 limit int → consumer, endpoint, entity
SELECT consumer, endpoint, entity FROM log.retries WHERE next_at <= statement_timestamp() ORDER BY next_at LIMIT $1::int
