-- Is the schema there? Its newest migration, and how many days of event log are made ahead.
-- → schema_version, partitions_ahead
SELECT (SELECT max(version) FROM ops.migrations) AS schema_version,
	(SELECT count(*) FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'log.event_log'::regclass
			AND c.relname > 'event_log_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')) AS partitions_ahead
