-- The newest migration of the database. A session answers it first.
-- → schema_version
SELECT max(version) AS schema_version FROM ops.migrations
