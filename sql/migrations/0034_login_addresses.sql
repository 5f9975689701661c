-- The addresses from which an account was logged in to well. Failed log-ins from there are counted by themselves, so that strangers who
-- guess passwords do not lock out the owner.
CREATE TABLE account.login_addresses (
	user_id uuid NOT NULL,
	address_hash bytea NOT NULL,
	good_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	window_from timestamptz,
	failures int NOT NULL DEFAULT 0,
	PRIMARY KEY (user_id, address_hash)
);
CREATE INDEX login_addresses_good_idx ON account.login_addresses (good_at);
COMMENT ON TABLE account.login_addresses IS 'where an account was logged in to well: few for each, the newest';
COMMENT ON COLUMN account.login_addresses.user_id IS 'whose';
COMMENT ON COLUMN account.login_addresses.address_hash IS 'BLAKE2b of the user and the address (of IPv6: its /64), 16 bytes';
COMMENT ON COLUMN account.login_addresses.good_at IS 'last good log-in from there';
COMMENT ON COLUMN account.login_addresses.window_from IS 'first failure of the window; null: none yet';
COMMENT ON COLUMN account.login_addresses.failures IS 'how many since';
GRANT SELECT ON account.login_addresses TO boxoffice_app, boxoffice_batch;
GRANT INSERT, UPDATE, DELETE ON account.login_addresses TO boxoffice_app;
GRANT UPDATE, DELETE ON account.login_addresses TO boxoffice_batch;

-- Made anew behind the migrations, with another argument.
DROP FUNCTION IF EXISTS account.session_open(uuid, uuid, bytea, text, int, int, int, int, text, text);
