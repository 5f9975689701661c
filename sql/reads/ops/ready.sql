-- Checks the schema: its newest migration, and the number of days that the event log has ahead.
-- → schema_version, partitions_ahead
SELECT (SELECT max(version) FROM ops.migrations) AS schema_version,
	(SELECT count(*) FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'log.event_log'::regclass
			AND c.relname > 'event_log_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')) AS partitions_ahead
