-- The age of the oldest event that a consumer has not handled. This includes events that nobody can read yet because an older
-- transaction still runs.
-- $1 from_xmin xid8 → lag_ms (0: it has handled all)
SELECT coalesce((SELECT (date_part('epoch', clock_timestamp() - at) * 1000)::bigint FROM log.event_log
	WHERE tx >= $1::xid8 ORDER BY tx, id LIMIT 1), 0) AS lag_ms
