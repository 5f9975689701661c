-- First events of their entities that are to be tried again.
-- $1 limit int → consumer, endpoint, entity
SELECT consumer, endpoint, entity FROM log.retries WHERE next_at <= statement_timestamp() ORDER BY next_at LIMIT $1::int
