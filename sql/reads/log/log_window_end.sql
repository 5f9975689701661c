-- Where a window ended when an event was written. $1 first transaction of the window, $2 first transaction whose events are
-- asked → xmin (above $1; no row: none of them knows)
SELECT written_xmin AS xmin FROM log.event_log WHERE tx >= $2::xid8 AND written_xmin > $1::xid8 ORDER BY tx, id LIMIT 1
