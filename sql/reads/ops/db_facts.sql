-- The facts that `boxofficectl db` needs about a database. Korean search folds and compares by LC_CTYPE.
-- → encoding, ctype, is_ctype_utf8, is_initialised, server_version
SELECT pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
	CASE d.datlocprovider WHEN 'i' THEN coalesce(d.daticulocale, 'ICU') ELSE d.datctype END AS ctype,
	d.datlocprovider = 'i' OR d.datctype ~* 'utf-?8(@.*)?$' AS is_ctype_utf8,
	pg_catalog.to_regclass('ops.seeds') IS NOT NULL AS is_initialised,
	pg_catalog.current_setting('server_version_num')::int AS server_version
FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
