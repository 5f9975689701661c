-- The event log has its partitions for at least three days ahead.
WITH ahead AS (
	SELECT count(*) AS days FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
	WHERE i.inhparent = 'log.event_log'::pg_catalog.regclass
		AND c.relname > 'event_log_' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD'))
SELECT greatest(3 - days, 0) AS breaches, format('partitions for %s days ahead', days) AS example FROM ahead
