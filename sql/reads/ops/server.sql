-- What the server and the database must be like, one row a rule, as a session of this role sees it. `boxofficectl db check`
-- shows the rows that are wrong.
-- $1 sessions bigint, $2 is_owner bool → name, is_right, found, advice
WITH role AS (
	SELECT r.oid, r.rolname, r.rolcanlogin, r.rolconnlimit, w.name AS wanted, w.name <> 'boxoffice_owner' AS is_service,
		coalesce(r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls, false) AS is_mighty
	FROM unnest(ARRAY['boxoffice_owner', 'boxoffice_app', 'boxoffice_batch', 'boxoffice_read']) AS w (name)
	LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = w.name
), me AS (
	SELECT d.datdba, d.datconnlimit, pg_catalog.pg_get_userbyid(d.datdba) AS owner, r.oid, r.rolname, r.rolsuper,
		coalesce(d.datacl, acldefault('d', d.datdba)) AS acl
	FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_roles AS r ON r.rolname = current_user
	WHERE d.datname = current_database()
), wanted (name, setting, is_right) AS (
	SELECT name, setting, CASE name
		WHEN 'durability' THEN current_setting(setting) <> 'off'
		WHEN 'autovacuum' THEN current_setting(setting) = 'on'
		ELSE current_setting(setting) = value END
	FROM (VALUES ('durability', 'fsync', ''), ('durability', 'full_page_writes', ''), ('durability', 'synchronous_commit', ''),
		('autovacuum', 'autovacuum', ''), ('autovacuum', 'track_counts', ''),
		('session', 'TimeZone', 'UTC'), ('session', 'jit', 'off'), ('session', 'client_encoding', 'UTF8'),
		('session', 'default_transaction_isolation', 'read committed'),
		('log', 'log_statement', 'none'), ('log', 'log_min_error_statement', 'panic'), ('log', 'log_error_verbosity', 'terse'),
		('log', 'log_parameter_max_length', '0'), ('log', 'log_parameter_max_length_on_error', '0')) AS v (name, setting, value)
), setting AS (
	SELECT name, bool_and(is_right) AS is_right,
		string_agg(setting || ' is ' || current_setting(setting), ', ' ORDER BY setting) FILTER (WHERE NOT is_right) AS found
	FROM wanted GROUP BY name
), room AS (
	SELECT coalesce(least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
			- (SELECT count(*) FROM pg_catalog.pg_stat_activity AS a
				WHERE a.backend_type = 'client backend' AND NOT EXISTS (SELECT FROM role WHERE role.oid = a.usesysid)),
			nullif(me.datconnlimit, -1), (SELECT nullif(rolconnlimit, -1) FROM role WHERE wanted = 'boxoffice_app')), 0) AS free,
		current_setting('max_locks_per_transaction')::bigint
			* (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) AS locks,
		least($1, current_setting('max_connections')::int) AS sessions
	FROM me
)
SELECT c.name, coalesce(c.is_right, false) AS is_right, coalesce(c.found, '') AS found, c.advice
FROM (
	SELECT 1 AS place, 'primary' AS name, NOT pg_catalog.pg_is_in_recovery() AS is_right, 'the server is a standby' AS found,
		'dsn, batch_dsn and owner_dsn must lead to the primary (target_session_attrs=read-write)' AS advice
	UNION ALL SELECT 2, 'role', CASE WHEN $2 THEN me.oid = me.datdba ELSE NOT me.rolsuper AND me.oid <> me.datdba
			AND NOT pg_catalog.pg_has_role(me.oid, me.datdba, 'MEMBER') END,
		format('the database is of %s, and this connection of %s', me.owner, me.rolname),
		'owner_dsn must be of the owner of the database, the others of a role that is not and cannot become it' FROM me
	UNION ALL SELECT 3, 'roles', bool_and(oid IS NOT NULL AND rolcanlogin AND NOT is_mighty),
		string_agg(CASE WHEN oid IS NULL THEN 'there is no role ' || wanted WHEN is_mighty THEN wanted || ' has powers over the cluster'
			ELSE wanted || ' may not log in' END, ', ' ORDER BY wanted) FILTER (WHERE oid IS NULL OR is_mighty OR NOT rolcanlogin),
		'run sql/bootstrap.sql as superuser again, and take powers away with ALTER ROLE' FROM role
	UNION ALL SELECT 4, 'database', bool_and(NOT is_service OR oid IS NULL OR has_database_privilege(oid, current_database(), 'CONNECT'))
			AND NOT EXISTS (SELECT FROM me, aclexplode(me.acl) AS a WHERE a.grantee = 0),
		'everybody may connect to the database, or a role of ours may not', 'run sql/bootstrap.sql as superuser again' FROM role
	UNION ALL SELECT 5, 'extension', EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'btree_gist'),
		'the extension btree_gist is not there', 'install the package with PostgreSQL''s contrib modules'
	UNION ALL SELECT 6, 'locks', locks >= 512 * sessions, format('there is room for %s locks, and %s sessions take up to 512 each', locks, sessions),
		'set max_locks_per_transaction = 512 and restart the server' FROM room
	UNION ALL SELECT 7, 'connections', free >= $1, format('%s connections are free, and this host takes up to %s', free, $1),
		'raise max_connections, or have fewer workers; a reload needs twice the workers for a moment' FROM room
	UNION ALL SELECT 8, 'durability', is_right, found, 'a sale that was paid is lost with the power: turn it on' FROM setting WHERE name = 'durability'
	UNION ALL SELECT 9, 'autovacuum', is_right, found, 'seats change all the time and their table swells: turn it on'
		FROM setting WHERE name = 'autovacuum'
	UNION ALL SELECT 10, 'log', is_right, found, 'the server''s log would tell what buyers enter: packaging/postgresql/boxoffice.conf'
		FROM setting WHERE name = 'log'
	UNION ALL SELECT 11, 'session', is_right, found, 'the settings that a session begins with are lost: a pooler must pass "options" on'
		FROM setting WHERE name = 'session'
	UNION ALL SELECT 12, 'keepalives', pg_catalog.inet_client_addr() IS NULL OR current_setting('tcp_keepalives_idle')::int BETWEEN 1 AND 60,
		'tcp_keepalives_idle is ' || current_setting('tcp_keepalives_idle'),
		'the session of a host that vanished keeps its locks: packaging/postgresql/boxoffice.conf'
	UNION ALL SELECT 13, 'tls', pg_catalog.inet_client_addr() IS NULL OR pg_catalog.inet_client_addr() << '127.0.0.0/8' OR pg_catalog.inet_client_addr() = '::1'
			OR EXISTS (SELECT FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl),
		'the connection comes from another host in clear text', 'say sslmode=verify-full in the connection string'
) AS c
ORDER BY c.place
