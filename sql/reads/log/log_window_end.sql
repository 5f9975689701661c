-- Where a window from `from_xmin` on ended when the first event of `asked_xmin` and later was written; no row: none tells.
-- $1 from_xmin xid8, $2 asked_xmin xid8 → xmin (above from_xmin)
SELECT written_xmin AS xmin FROM log.event_log WHERE tx >= $2::xid8 AND written_xmin > $1::xid8 ORDER BY tx, id LIMIT 1
