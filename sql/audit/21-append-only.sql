-- Ledger, event log, audit trail and the door's log can only be added to by the roles the programs run as.
WITH bad AS (
	SELECT format('%s may %s %s', r.role, p.privilege, c.oid::pg_catalog.regclass) AS example
	FROM pg_catalog.pg_class AS c
	CROSS JOIN unnest(ARRAY['boxoffice_app', 'boxoffice_batch', 'boxoffice_read']) AS r (role)
	CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
	WHERE c.relkind IN ('r', 'p') AND (c.oid IN ('account.ledger'::pg_catalog.regclass, 'log.event_log'::pg_catalog.regclass,
			'log.audit_trail'::pg_catalog.regclass, 'show.checkins'::pg_catalog.regclass)
		OR EXISTS (SELECT FROM pg_catalog.pg_inherits AS i
			WHERE i.inhrelid = c.oid AND i.inhparent = 'log.event_log'::pg_catalog.regclass))
		AND (pg_catalog.has_table_privilege(r.role, c.oid, p.privilege)
			OR (p.privilege = 'UPDATE' AND pg_catalog.has_any_column_privilege(r.role, c.oid, 'UPDATE'))))
SELECT count(*) AS breaches, min(example) AS example FROM bad
