-- Events whose summary the clock has outdated: a show opened, closed or started.
-- $1 limit int → event_id
SELECT event_id FROM listing.events WHERE next_change_at <= statement_timestamp() ORDER BY next_change_at LIMIT $1::int
