-- The homes of data as schemas, and what each role may touch.
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;

CREATE SCHEMA util;
CREATE SCHEMA directory;
CREATE SCHEMA account;
CREATE SCHEMA show;
CREATE SCHEMA log;
CREATE SCHEMA listing;

COMMENT ON SCHEMA util IS 'pure functions that every home may use; no tables';
COMMENT ON SCHEMA directory IS 'home of the small, read-mostly whole: venues, halls, layouts, events, show slots, e-mail claims';
COMMENT ON SCHEMA account IS 'home of a user: account, sessions, wallet, ledger, list of own orders; keys begin with user_id';
COMMENT ON SCHEMA show IS 'home of a show: seats, holds, orders, payments, tickets; keys begin with show_id';
COMMENT ON SCHEMA log IS 'the event log, its readers'' cursors and the audit trail';
COMMENT ON SCHEMA listing IS 'read models that the relay keeps from the event log; may lag, can be rebuilt';

GRANT USAGE ON SCHEMA util, directory, account, show, log, listing
	TO boxoffice_app, boxoffice_batch, boxoffice_read;
