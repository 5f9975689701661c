-- Records of `boxofficectl db` about the schema itself. It runs before every migration and may be repeated.
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

CREATE TABLE IF NOT EXISTS ops.seeds (
	name text PRIMARY KEY,
	checksum text NOT NULL,
	applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ops.seeds IS 'sets of seed data that were loaded; loaded once in the life of a database';
COMMENT ON COLUMN ops.seeds.name IS 'of the set';
COMMENT ON COLUMN ops.seeds.checksum IS 'of its files as loaded, hex';
COMMENT ON COLUMN ops.seeds.applied_at IS 'when';
GRANT SELECT ON ops.seeds TO boxoffice_app, boxoffice_batch, boxoffice_read;

-- One transaction applies all files of a call and writes the rows that record them. The program announces a file and then
-- sends it, with ops_applied.sql appended. An announcement belongs to its transaction. If the transaction is lost in between
-- with its session, a file that arrives in another transaction has no announcement and is rolled back.
CREATE OR REPLACE FUNCTION ops.announce(p_kind text, p_name text, p_checksum text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'ok', to_jsonb(ARRAY[set_config('boxoffice.file_kind', p_kind, true),
		set_config('boxoffice.file_name', p_name, true), set_config('boxoffice.file_checksum', p_checksum, true)]);
$$;
COMMENT ON FUNCTION ops.announce IS 'Announces the file that this transaction applies next: kind (migration, functions, seed), name, checksum.';

CREATE OR REPLACE FUNCTION ops.setting(p_name text, p_value text)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'ok', to_jsonb(set_config(p_name, p_value, true));
$$;
COMMENT ON FUNCTION ops.setting IS 'Sets a setting of this transaction, for a file that reads it.';

CREATE OR REPLACE FUNCTION ops.applied() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_kind text := current_setting('boxoffice.file_kind', true);
	v_name text := current_setting('boxoffice.file_name');
	v_checksum text := current_setting('boxoffice.file_checksum');
BEGIN
	IF v_kind = 'migration' THEN
		INSERT INTO ops.migrations (version, name, checksum)
		VALUES (substring(v_name FROM '^[0-9]+')::int, v_name, v_checksum);
	ELSIF v_kind = 'functions' THEN
		INSERT INTO ops.functions (name, checksum) VALUES (v_name, v_checksum)
		ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = clock_timestamp();
	ELSIF v_kind = 'seed' THEN
		INSERT INTO ops.seeds (name, checksum) VALUES (v_name, v_checksum);
	ELSE -- null or empty
		RAISE EXCEPTION 'no file was announced in this transaction';
	END IF;
END $$;
COMMENT ON FUNCTION ops.applied IS 'Records the file that this transaction announced.';

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;
