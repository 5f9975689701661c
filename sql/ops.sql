-- What `boxofficectl db` keeps about the schema itself. Run before every migration; may be repeated.
CREATE SCHEMA IF NOT EXISTS ops;
COMMENT ON SCHEMA ops IS 'what has been applied to this database';

CREATE TABLE IF NOT EXISTS ops.migrations (
	version int PRIMARY KEY,
	name text NOT NULL,
	checksum text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ops.migrations IS 'numbered migrations that were applied';
COMMENT ON COLUMN ops.migrations.version IS 'number in front of the file''s name';
COMMENT ON COLUMN ops.migrations.name IS 'of the file';
COMMENT ON COLUMN ops.migrations.checksum IS 'of the file as applied, hex; a changed file is refused';
COMMENT ON COLUMN ops.migrations.applied_at IS 'when';

CREATE TABLE IF NOT EXISTS ops.functions (
	name text PRIMARY KEY,
	checksum text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ops.functions IS 'files of functions as last loaded';
COMMENT ON COLUMN ops.functions.name IS 'of the file';
COMMENT ON COLUMN ops.functions.checksum IS 'of the file as loaded, hex; loaded again when it changes';
COMMENT ON COLUMN ops.functions.applied_at IS 'when';

GRANT USAGE ON SCHEMA ops TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT SELECT ON ALL TABLES IN SCHEMA ops TO boxoffice_app, boxoffice_batch, boxoffice_read;
