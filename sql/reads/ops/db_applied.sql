-- Files applied to this database.
-- → kind (migration, functions, seed), name, checksum, applied_at (text)
SELECT kind, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
FROM (SELECT 'migration' AS kind, name, checksum, applied_at FROM ops.migrations
	UNION ALL SELECT 'functions', name, checksum, applied_at FROM ops.functions
	UNION ALL SELECT 'seed', name, checksum, applied_at FROM ops.seeds) AS a
ORDER BY kind, name
