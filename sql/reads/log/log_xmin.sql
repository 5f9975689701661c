-- The end of the newest possible window of the event log.
-- → xmin
SELECT /* guard: running */ pg_snapshot_xmin(pg_current_snapshot()) AS xmin
