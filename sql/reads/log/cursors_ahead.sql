-- Readers of the event log that are ahead of the transaction counter, because the database was restored from a dump.
-- → consumer
SELECT consumer FROM log.cursors WHERE to_xmin > pg_snapshot_xmax(pg_current_snapshot()) ORDER BY consumer
