-- The end of a window from `from_xmin`: the xmin at the time when the first event of transaction `asked_xmin` or later was written.
-- No row: no event tells.
-- $1 from_xmin xid8, $2 asked_xmin xid8 → xmin (above from_xmin)
SELECT /* guard: end */ written_xmin AS xmin FROM log.event_log WHERE tx >= $2::xid8 AND /* guard: end above */ written_xmin > $1::xid8 ORDER BY tx, id LIMIT 1
