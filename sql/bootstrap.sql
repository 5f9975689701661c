-- Roles and the empty database: the one part that needs a superuser. Run with psql against the
-- maintenance database; may be repeated. Everything else is `boxofficectl db migrate` as boxoffice_owner.
--   psql -X -v ON_ERROR_STOP=1 -v db=boxoffice -f bootstrap.sql postgres
-- The roles have no passwords: pg_hba.conf and pg_ident.conf say which account may be which role (packaging/postgresql). The
-- account of the service may be app, batch and read. Owner is root's and postgres' alone.
SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY['boxoffice_owner', 'boxoffice_app', 'boxoffice_batch', 'boxoffice_read']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec
SELECT format('CREATE DATABASE %I OWNER boxoffice_owner TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
	:'db', 'UTF8', 'C', 'C.UTF-8')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'db')
\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'db')
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO boxoffice_app, boxoffice_batch, boxoffice_read', :'db')
\gexec
