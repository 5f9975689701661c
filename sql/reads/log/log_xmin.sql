-- Where the newest window of the event log ends now.
-- → xmin
SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin
